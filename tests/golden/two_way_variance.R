# Makes two_way_variance.json from two_way_rows.csv: Rscript two_way_variance.R, in this folder.
# Debian: r-base-core, r-cran-sandwich. Only needed to make the golden values again; the tests read the JSON.
library(sandwich)

rows <- read.csv("two_way_rows.csv", stringsAsFactors = TRUE)
number <- function(x) formatC(x, digits = 17, format = "g")

one_case <- function(name) {
  part <- droplevels(rows[rows$case == name, ])
  fit <- lm(value ~ 1, data = part)
  variance <- function(cluster) vcovCL(fit, cluster = cluster, type = "HC0", cadjust = TRUE)[1, 1]
  clusters <- min(nlevels(part$participant), nlevels(part$track))
  sprintf(
    '  "%s": {"mean": %s, "participant": %s, "track": %s, "cell": %s, "two_way": %s, "t_975": %s}', name,
    number(coef(fit)[[1]]),
    number(variance(part$participant)),
    number(variance(part$track)),
    number(variance(interaction(part$participant, part$track, drop = TRUE))),
    number(variance(part[c("participant", "track")])),
    number(qt(0.975, clusters - 1))
  )
}

cases <- vapply(unique(as.character(rows$case)), one_case, "")
source <- sprintf('  "source": "%s, sandwich %s, vcovCL(lm(value ~ 1), type = HC0, cadjust = TRUE)"',
                  R.version.string, packageVersion("sandwich"))
writeLines(c("{", paste(c(source, cases), collapse = ",\n"), "}"), "two_way_variance.json")
