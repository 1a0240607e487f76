# Makes ratings_rows.csv and ratings.json: Rscript ratings.R, in this folder.
# Debian: r-base-core, r-cran-ordinal. Only needed to make the golden values again; the tests read the files.
suppressPackageStartupMessages(library(ordinal))

number <- function(x) formatC(unname(x), digits = 12, format = "g")
list_of <- function(x) sprintf("[%s]", paste(number(x), collapse = ", "))
object <- function(fields) sprintf("{%s}", paste(sprintf('"%s": %s', names(fields), unlist(fields)), collapse = ", "))

drawn <- function(case, people, tracks, each, seed, effect, sd_people, sd_tracks, scale) {
  set.seed(seed)
  participant <- rep(seq_len(people), times = each)
  track <- unlist(lapply(each, function(k) sample(tracks, k)))
  first_is_a <- as.integer(runif(length(track)) < 0.5)
  habit <- rnorm(people)[participant] + rnorm(length(track), sd = 0.5)
  pull <- effect + 0.3 * (first_is_a - 0.5) + rnorm(people, sd = sd_people)[participant] + rnorm(tracks, sd = sd_tracks)[track]
  rated <- function(sign) findInterval(habit + sign * pull / 2 + rlogis(length(track)), scale) + 1
  data.frame(case, participant, track, first_is_a, first = rated(1), second = rated(-1))
}
rows <- rbind(
  drawn("seven_points", 24, 16, rep(10, 24), 11, 0.6, 0.8, 0.6, c(-2.5, -1.5, -0.5, 0.5, 1.5, 2.5)),
  drawn("three_points", 20, 12, rep(c(12, 6, 9, 3), 5), 12, 0.4, 0.9, 0.7, c(-1, 1)),
  drawn("never_equal", 22, 14, rep(12, 22), 13, -0.5, 0.8, 0.8, c(-1.5, 0, 1.5))
)
rows <- rows[!(rows$case == "never_equal" & rows$first == rows$second), ]
write.csv(rows, "ratings_rows.csv", row.names = FALSE, quote = FALSE)

model <- function(part) {
  part$difference <- factor(part$first - part$second, ordered = TRUE)
  part$side <- part$first_is_a - 0.5
  part$participant <- factor(part$participant)
  part$track <- factor(part$track)
  fit <- clmm(difference ~ side + (1 | participant) + (1 | track), data = part, threshold = "symmetric", nAGQ = 1,
              control = clmm.control(gradTol = 1e-7))
  cuts <- as.vector(fit$Theta)
  centre <- grep("^central", names(fit$alpha), value = TRUE)  # one or two cut points about the middle
  object(list(
    typical = number(-mean(cuts)), side = number(fit$beta),
    typical_error = number(sqrt(sum(vcov(fit)[centre, centre]) / length(centre)^2)),
    side_error = number(sqrt(vcov(fit)["side", "side"])),
    thresholds = list_of(tail(cuts - mean(cuts), length(cuts) %/% 2)),
    sds = list_of(sapply(VarCorr(fit), function(v) attr(v, "stddev"))), log_likelihood = number(as.numeric(logLik(fit)))
  ))
}
cases <- unique(rows$case)
p_values <- c(0.011, 0.04, 0.0002, 0.03, 0.6)
entries <- c(
  sprintf('  "source": "%s, ordinal %s; clmm with symmetric thresholds and nAGQ = 1; p.adjust"', R.version.string, packageVersion("ordinal")),
  sprintf('  "models": {\n%s\n  }', paste(sprintf('    "%s": %s', cases, sapply(cases, function(x) model(rows[rows$case == x, ]))), collapse = ",\n")),
  sprintf('  "holm": {"p": %s, "adjusted": %s}', list_of(p_values), list_of(p.adjust(p_values, "holm")))
)
writeLines(c("{", paste(entries, collapse = ",\n"), "}"), "ratings.json")
