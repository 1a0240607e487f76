# Reads the tables of this export with the types that codebook.csv states. Base R only.
#
#   source("read_export.R")
#   answers <- read_table("answers")
#
# Plain read.csv takes a comment "NA" for a missing value and an apostrophe that guards a formula for text; this does
# not. Empty cells are missing.

read_table <- function(name, folder = ".") {
  path <- function(file) file.path(folder, file)
  book <- read.csv(path("codebook.csv"), colClasses = "character")
  book <- book[book$table == name, ]
  table <- read.csv(path(paste0("data/table-", name, "_data.csv")), colClasses = "character", na.strings = "", encoding = "UTF-8")
  for (i in seq_len(nrow(book))) {
    column <- book$column[i]
    cells <- table[[column]]
    table[[column]] <- switch(book$type[i],
      integer = as.numeric(cells),
      number = as.numeric(cells),
      boolean = cells == "true",
      datetime = as.POSIXct(cells, format = "%Y-%m-%dT%H:%M:%OS", tz = "UTC"),
      sub("^'", "", cells)
    )
  }
  table
}
