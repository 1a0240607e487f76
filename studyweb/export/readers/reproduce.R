# Computes the results of this study from the files beside it, as the results page states them.
#
#   Rscript reproduce.R > numbers.csv
#
# One line a number: first_system, second_system, quantity, value. Rates are for the first system. Needs sandwich; with
# lme4 also the mixed model of decided choices (mixed.*: log-odds of the typical participant and track).
# Variance: sandwich::vcovCL, two-way by participant and track, never below either one-way variance; t with min(G) - 1
# degrees of freedom; on the logit where an end would leave 0..1.

source("read_export.R")
tiny <- 1e-15
worth_for_a <- c(a_clearly = 1, a_slightly = 1, no_preference = 0.5, b_slightly = 0, b_clearly = 0)

variance_of <- function(values, rows, estimand) {
  model <- lm(values ~ 1)
  one_way <- function(groups) if (length(unique(groups)) < 2) 0 else sandwich::vcovCL(model, cluster = groups, type = "HC0")[1]
  people <- one_way(rows$participant_id)
  tracks <- one_way(rows$track_id)
  cells <- one_way(paste(rows$participant_id, rows$track_id))
  used <- if (estimand == "new_participants") {
    people
  } else {
    both <- sandwich::vcovCL(model, cluster = rows[c("participant_id", "track_id")], type = "HC0")[1]
    max(both, people, tracks)
  }
  for (floor in c(cells, var(values) / length(values))) if (used <= tiny && floor > tiny) used <- floor
  used
}

interval_of <- function(values, rows, pair, is_rate) {
  people <- length(unique(rows$participant_id))
  clusters <- if (pair$estimand == "new_participants") people else min(people, length(unique(rows$track_id)))
  alike <- length(unique(values)) == 1
  middle <- mean(values)
  tail <- 0.5 + pair$level / 2
  if (clusters < 2 || (alike && !(is_rate && middle %in% c(0, 1)))) return(c(NA, NA))
  if (alike) {
    edge <- qbeta(1 - tail, people, 1)
    return(if (middle == 1) c(edge, 1) else c(0, 1 - edge))
  }
  reach <- qt(tail, clusters - 1) * sqrt(variance_of(values, rows, pair$estimand))
  if (!is_rate || (middle - reach >= 0 && middle + reach <= 1)) return(c(middle - reach, middle + reach))
  plogis(qlogis(middle) + c(-1, 1) * reach / (middle * (1 - middle)))
}

say <- function(pair, quantity, value) {
  cat(pair$first_system, pair$second_system, quantity, format(value, digits = 15), sep = ",", fill = FALSE)
  cat("\n")
}

say_mean <- function(pair, name, values, rows, is_rate = TRUE) {
  if (length(values) == 0) return(invisible())
  interval <- interval_of(values, rows, pair, is_rate)
  say(pair, name, mean(values))
  say(pair, paste0(name, ".low"), interval[1])
  say(pair, paste0(name, ".high"), interval[2])
}

say_mixed <- function(pair, score, rows) {
  rows <- data.frame(
    chosen = score, side = ifelse(rows$first_is_a, 0.5, -0.5), participant = rows$participant_id, track = rows$track_id
  )[score != 0.5, ]
  enough <- nrow(rows) > 4 && length(unique(rows$participant)) > 1 && length(unique(rows$track)) > 1
  if (!requireNamespace("lme4", quietly = TRUE) || !enough || length(unique(rows$chosen)) < 2) return(invisible())
  # lme4's own tolerance stops in the third digit; this one agrees with the Laplace fit of the results page.
  control <- lme4::glmerControl(tolPwrss = 1e-12)
  model <- lme4::glmer(chosen ~ side + (1 | participant) + (1 | track), rows, binomial, nAGQ = 1, control = control)
  say(pair, "mixed.intercept", lme4::fixef(model)[["(Intercept)"]])
  say(pair, "mixed.side", lme4::fixef(model)[["side"]])
  for (factor in c("participant", "track")) {
    say(pair, paste0("mixed.", factor, "_sd"), attr(lme4::VarCorr(model)[[factor]], "stddev")[[1]])
  }
}

# Answers in completed scored trials of participants whom no declared rule leaves out.
trials <- read_table("trials")
people <- read_table("participants")
answers <- read_table("answers")
completed <- trials[[grep("^completed", names(trials), value = TRUE)]]
trials <- trials[trials$role == "scored" & !is.na(completed), ]
trials <- trials[trials$participant_id %in% people$participant_id[!people$excluded], ]
answers <- merge(answers, trials[c("trial_id", "advice_a", "advice_b", "system_a", "system_b")], by = "trial_id")

cat("first_system,second_system,quantity,value\n")
pairs <- read_table("pairs")
for (i in seq_len(nrow(pairs))) {
  pair <- pairs[i, ]
  as_a <- answers$system_a == pair$first_system & answers$system_b == pair$second_system
  as_b <- answers$system_b == pair$first_system & answers$system_a == pair$second_system
  rows <- cbind(answers, first_is_a = as_a)[as_a | as_b, ]
  if (pair$unreadable_advice == "excluded") {
    advices <- read_table("advices")
    unreadable <- advices$advice_id[!is.na(advices$not_actionable)]
    rows <- rows[!(rows$advice_a %in% unreadable) & !(rows$advice_b %in% unreadable), ]
  }
  choices <- rows[rows$step == "final_choice", ]
  for_a <- unname(worth_for_a[choices$value])
  stopifnot("unknown choice" = !anyNA(for_a))
  score <- ifelse(choices$first_is_a, for_a, 1 - for_a)
  decided <- score != 0.5
  say(pair, "n_answers", length(score))
  say(pair, "n_participants", length(unique(choices$participant_id)))
  say(pair, "n_tracks", length(unique(choices$track_id)))
  say(pair, "wins", sum(score == 1))
  say(pair, "ties", sum(score == 0.5))
  say(pair, "losses", sum(score == 0))
  say_mean(pair, "rate", score, choices)
  say_mean(pair, "decided_rate", score[decided], choices[decided, ])
  say_mean(pair, "tie_rate", as.numeric(!decided), choices)
  say_mean(pair, "slot_a_rate", for_a, choices)
  if (length(score)) say(pair, "participant_weighted_rate", mean(tapply(score, choices$participant_id, mean)))
  for (criterion in unique(sub("\\.[AB]$", "", rows$step[rows$kind == "rating"]))) {
    rated <- function(slot) {
      of_slot <- rows[rows$step == paste0(criterion, ".", slot), ]
      suppressWarnings(setNames(as.numeric(of_slot$value), of_slot$trial_id))
    }
    one <- rows[!duplicated(rows$trial_id), ]
    difference <- (rated("A")[one$trial_id] - rated("B")[one$trial_id]) * ifelse(one$first_is_a, 1, -1)
    there <- !is.na(difference)
    say_mean(pair, paste0("difference.", criterion), unname(difference[there]), one[there, ], is_rate = FALSE)
  }
  say_mixed(pair, score, choices)
}
