# Makes mixed_logit_rows.csv and mixed_logit.json: Rscript mixed_logit.R, in this folder.
# Debian: r-base-core, r-cran-lme4, r-cran-ordinal. Only needed to make the golden values again; the tests read the files.
suppressPackageStartupMessages({library(lme4); library(ordinal)})

number <- function(x) formatC(unname(x), digits = 12, format = "g")
list_of <- function(x) sprintf("[%s]", paste(number(x), collapse = ", "))
object <- function(fields) sprintf("{%s}", paste(sprintf('"%s": %s', names(fields), unlist(fields)), collapse = ", "))

drawn <- function(case, people, tracks, each, seed, tie, sd_people, sd_tracks) {
  set.seed(seed)
  participant <- rep(seq_len(people), times = each)
  track <- unlist(lapply(each, function(k) sample(tracks, k)))
  first_is_a <- runif(length(track)) < 0.5
  eta <- 0.4 + 0.5 * (first_is_a - 0.5) + rnorm(people, sd = sd_people)[participant] + rnorm(tracks, sd = sd_tracks)[track]
  latent <- eta + rlogis(length(eta))
  score <- ifelse(latent > tie, 1, ifelse(latent < -tie, 0, 0.5))
  data.frame(case, participant, track, first_is_a = as.integer(first_is_a), score)
}

rows <- rbind(
  drawn("even", 24, 16, rep(10, 24), 1, 0.0, 0.8, 0.6),
  drawn("uneven", 20, 12, rep(c(12, 3, 7, 2), 5), 2, 0.0, 0.7, 0.7),
  drawn("ties", 24, 16, rep(10, 24), 3, 0.6, 0.8, 0.6),
  drawn("no_spread", 16, 12, rep(8, 16), 4, 0.5, 0.0, 0.0)
)
write.csv(rows, "mixed_logit_rows.csv", row.names = FALSE, quote = FALSE)

control <- glmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-9, maxfun = 1e5), tolPwrss = 1e-12)
of_glmer <- function(fit) object(list(
  coefficients = list_of(fixef(fit)), standard_errors = list_of(sqrt(diag(as.matrix(vcov(fit))))),
  sds = list_of(sapply(VarCorr(fit), function(v) attr(v, "stddev"))), log_likelihood = number(as.numeric(logLik(fit)))
))
binary <- function(part) {
  part <- part[part$score != 0.5, ]
  of_glmer(glmer(score ~ I(first_is_a - 0.5) + (1 | participant) + (1 | track), part, binomial, nAGQ = 1, control = control))
}
with_ties <- function(part) {
  part$outcome <- factor(part$score, ordered = TRUE)
  part$side <- part$first_is_a - 0.5
  part$participant <- factor(part$participant)
  part$track <- factor(part$track)
  fit <- clmm(outcome ~ side + (1 | participant) + (1 | track), data = part, nAGQ = 1,
              control = clmm.control(gradTol = 1e-7))
  cuts <- fit$alpha
  object(list(
    coefficients = list_of(c(-mean(cuts), fit$beta)), tie_threshold = number(diff(cuts) / 2),
    side_error = number(sqrt(vcov(fit)["side", "side"])),
    typical_error = number(sqrt(sum(vcov(fit)[1:2, 1:2]) / 4)),
    sds = list_of(sapply(VarCorr(fit), function(v) attr(v, "stddev"))), log_likelihood = number(as.numeric(logLik(fit)))
  ))
}
verbal_aggression <- function() {
  fit <- glmer(r2 ~ Anger + Gender + btype + situ + (1 | id) + (1 | item), VerbAgg, binomial, nAGQ = 1, control = control)
  of_glmer(fit)
}

cases <- unique(rows$case)
part <- function(case) rows[rows$case == case, ]
source <- sprintf('"%s, lme4 %s, ordinal %s; glmer and clmm with nAGQ = 1"', R.version.string,
                  packageVersion("lme4"), packageVersion("ordinal"))
entries <- c(
  sprintf('  "source": %s', source),
  sprintf('  "left_out": {\n%s\n  }', paste(sprintf('    "%s": %s', cases, sapply(cases, function(x) binary(part(x)))), collapse = ",\n")),
  sprintf('  "outcomes": {\n    "ties": %s\n  }', with_ties(part("ties"))),
  sprintf('  "verbal_aggression": %s', verbal_aggression())
)
writeLines(c("{", paste(entries, collapse = ",\n"), "}"), "mixed_logit.json")
