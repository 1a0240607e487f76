# Makes ranking_rows.csv and paired_models.json: Rscript paired_models.R, in this folder. It reads pudding.csv.
# Debian: r-base-core, r-cran-sandwich, r-cran-ordinal, r-cran-bradleyterry2. Only needed to make the golden values again.
# baseball: Agresti 2002, Categorical Data Analysis, table 10.10, as BradleyTerry2 brings it. pudding: Davidson 1970.
suppressPackageStartupMessages({library(sandwich); library(ordinal); library(BradleyTerry2)})

number <- function(x) formatC(unname(x), digits = 12, format = "g")
list_of <- function(x) sprintf("[%s]", paste(number(x), collapse = ", "))
object <- function(fields) sprintf("{%s}", paste(sprintf('"%s": %s', names(fields), unlist(fields)), collapse = ", "))
words <- function(x) sprintf("[%s]", paste(sprintf('"%s"', x), collapse = ", "))
errors <- function(fit) sqrt(diag(vcov(fit)))

set.seed(5)
count <- 360
rows <- data.frame(participant = rep(1:18, each = 20), track = sample(1:15, count, replace = TRUE))
pair <- t(sapply(seq_len(count), function(k) sample(4, 2)))
rows$first <- pair[, 1]
rows$second <- pair[, 2]
rows$first_is_a <- as.integer(runif(count) < 0.5)
taste <- matrix(rnorm(18 * 4, sd = 0.6), 18)
fit_of_track <- matrix(rnorm(15 * 4, sd = 0.5), 15)
worth <- c(0, 0.5, 0.9, -0.4)
strength <- function(k) worth[k] + taste[cbind(rows$participant, k)] + fit_of_track[cbind(rows$track, k)]
latent <- strength(rows$first) - strength(rows$second) + 0.5 * (rows$first_is_a - 0.5) + rlogis(count)
rows$score <- ifelse(latent > 0.5, 1, ifelse(latent < -0.5, 0, 0.5))
write.csv(rows, "ranking_rows.csv", row.names = FALSE, quote = FALSE)

column <- function(k) (rows$first == k) - (rows$second == k)
design <- data.frame(score = rows$score, b = column(2), c = column(3), d = column(4), side = rows$first_is_a - 0.5)
half <- suppressWarnings(glm(score ~ 0 + b + c + d + side, quasibinomial, design))
clustered <- function(fit, cluster) diag(vcovCL(fit, cluster = cluster, type = "HC0", cadjust = TRUE))
ranking <- list(
  coefficients = list_of(coef(half)), participant = list_of(clustered(half, rows$participant)),
  track = list_of(clustered(half, rows$track)), two_way = list_of(clustered(half, rows[c("participant", "track")]))
)
ordered <- clm(factor(score, ordered = TRUE) ~ b + c + d + side, data = design, threshold = "symmetric2")
rao_kupper <- list(
  coefficients = list_of(ordered$beta), tau = number(max(ordered$Theta)),
  errors = list_of(errors(ordered)[names(ordered$beta)]), log_likelihood = number(as.numeric(logLik(ordered)))
)

log_linear <- function(wins, ties, losses, columns) {  # Davidson's model is this one (Fienberg & Larntz 1976)
  pairs <- length(wins)
  long <- data.frame(n = c(wins, ties, losses), pair = factor(rep(seq_len(pairs), 3)),
                     log_nu = rep(c(0, 1, 0), each = pairs), rbind(columns / 2, 0 * columns, -columns / 2))
  glm(n ~ . , poisson, long)
}
pudding <- read.csv("pudding.csv")
brands <- as.data.frame(sapply(2:6, function(k) (pudding$i == k) - (pudding$j == k)))
davidson_fit <- log_linear(pudding$first, pudding$tie, pudding$second, brands)
picked <- c(names(brands), "log_nu")
davidson <- list(coefficients = list_of(coef(davidson_fit)[picked]), errors = list_of(errors(davidson_fit)[picked]))

plain <- BTm(cbind(home.wins, away.wins), home.team, away.team, data = baseball, id = "team")
baseball$home.team <- data.frame(team = baseball$home.team, at.home = 1)
baseball$away.team <- data.frame(team = baseball$away.team, at.home = 0)
home <- update(plain, formula = ~ team + at.home)
table <- data.frame(baseball$home.team$team, baseball$away.team$team, baseball$home.wins, baseball$away.wins)
write.table(table, "baseball.csv", sep = ",", row.names = FALSE, quote = FALSE,
            col.names = c("home", "away", "home_wins", "away_wins"))
bradley_terry <- list(teams = words(levels(baseball$home.team$team)), abilities = list_of(coef(plain)),
                      errors = list_of(errors(plain)), deviance = number(deviance(plain)),
                      home = number(coef(home)["at.home"]), home_error = number(errors(home)["at.home"]))

versions <- sapply(c("sandwich", "ordinal", "BradleyTerry2"), function(p) as.character(packageVersion(p)))
source <- sprintf('"%s, %s"', R.version.string, paste(names(versions), versions, collapse = ", "))
entries <- list(source = source, ranking = object(ranking), rao_kupper = object(rao_kupper),
                davidson_pudding = object(davidson), baseball = object(bradley_terry))
writeLines(c("{", paste(sprintf('  "%s": %s', names(entries), entries), collapse = ",\n"), "}"), "paired_models.json")
