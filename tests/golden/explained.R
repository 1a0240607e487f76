# Makes explained_rows.csv and explained.json: Rscript explained.R, in this folder.
# Debian: r-base-core, r-cran-sandwich. Only needed to make the golden values again; the tests read the JSON.
# blinding: counts of table 7 of Bang, Ni & Davis 2004 (Control. Clin. Trials 25(2)), as the examples of R's package BI
# give them; variances by the multinomial delta method.
suppressPackageStartupMessages(library(sandwich))

number <- function(x) formatC(unname(x), digits = 12, format = "g")
list_of <- function(x) sprintf("[%s]", paste(number(x), collapse = ", "))
object <- function(fields) sprintf("{%s}", paste(sprintf('"%s": %s', names(fields), unlist(fields)), collapse = ", "))

set.seed(11)
count <- 420
rows <- data.frame(participant = rep(1:21, each = 20), track = sample(1:16, count, replace = TRUE))
rows$lead_db <- round(rnorm(count, 0.6, 1.8), 2)
rows$log_length <- round(rnorm(count, 0.2, 0.4), 3)
rows$moves <- sample(-2:2, count, replace = TRUE)
rows$asked <- as.integer(runif(count) < 0.5)
rows$size_db <- sample(c(0.5, 1, 1.5, 2, 3, 4, 6, 8, 12), count, replace = TRUE)
liking <- rnorm(21, sd = 0.6)[rows$participant] + rnorm(16, sd = 0.5)[rows$track]
latent <- 0.1 + 0.5 * rows$lead_db + 0.6 * rows$log_length + 0.1 * rows$moves + 0.2 * rows$asked + liking + rlogis(count)
rows$score <- ifelse(latent > 0.4, 1, ifelse(latent < -0.4, 0, 0.5))
ear <- rnorm(21, sd = 0.5)[rows$participant]
hit <- runif(count) < 0.5 + 0.48 * plogis(2 * (log(rows$size_db) - log(2)) + ear)
rows$right <- ifelse(runif(count) < 0.1, 0.5, as.numeric(hit))
write.csv(rows, "explained_rows.csv", row.names = FALSE, quote = FALSE)

covariance <- function(fit, cluster) vcovCL(fit, cluster = cluster, type = "HC0", cadjust = TRUE)
parts <- function(fit) list(
  coefficients = list_of(coef(fit)),
  participant = list_of(diag(covariance(fit, rows$participant))), track = list_of(diag(covariance(fit, rows$track))),
  cell = list_of(diag(covariance(fit, interaction(rows$participant, rows$track, drop = TRUE)))),
  two_way = list_of(diag(covariance(fit, rows[c("participant", "track")])))
)
one <- glm(score ~ lead_db, quasibinomial, rows)
style <- glm(score ~ log_length + moves, quasibinomial, rows)
group <- lm(score ~ asked, rows)

two_alternatives <- structure(list(
  linkfun = function(mu) qlogis((mu - 0.5) / 0.48), linkinv = function(eta) 0.5 + 0.48 * plogis(eta),
  mu.eta = function(eta) 0.48 * dlogis(eta), valideta = function(eta) TRUE, name = "2afc"
), class = "link-glm")
heard <- glm(right ~ log(size_db), quasibinomial(link = two_alternatives), rows, start = c(-1, 2), epsilon = 1e-12)
spread <- covariance(heard, rows$participant)
target <- qlogis(0.25 / 0.48)
middle <- (target - coef(heard)[[1]]) / coef(heard)[[2]]
error <- sqrt(drop(t(c(1, middle)) %*% spread %*% c(1, middle))) / coef(heard)[[2]]  # the delta method
ends <- middle + c(-1, 1) * qt(0.975, 20) * error
psychometric <- list(coefficients = list_of(coef(heard)), covariance = list_of(as.vector(spread)),
                     threshold_db = number(exp(middle)), interval_db = list_of(exp(ends)))

arm <- function(right, wrong, cant_tell) {
  n <- right + wrong + cant_tell
  p <- c(right, wrong) / n
  list(right = right, wrong = wrong, cant_tell = cant_tell, index = number(p[1] - p[2]),
       variance = number((p[1] * (1 - p[1]) + p[2] * (1 - p[2]) + 2 * p[1] * p[2]) / n))
}
blinding <- list(treatment = object(arm(82, 25, 170)), placebo = object(arm(29, 27, 83)))

source <- sprintf('"%s, sandwich %s"', R.version.string, packageVersion("sandwich"))
entries <- list(source = source, one = object(parts(one)), style = object(parts(style)), asked = object(parts(group)), psychometric = object(psychometric), blinding = object(blinding))
writeLines(c("{", paste(sprintf('  "%s": %s', names(entries), entries), collapse = ",\n"), "}"), "explained.json")
