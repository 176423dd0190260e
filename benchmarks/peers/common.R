# SPDX-License-Identifier: BSL-1.0
# What the timings of R packages share. Each script is called with a folder of tables, the list of those to use in it
# (name of the benchmark, tab, file), and the most seconds that one call may take; larger tables are then left out.
# It prints a line per timing: name, peer, seconds, answer, separated by tabs.

arguments <- commandArgs(TRUE)
folder <- arguments[1]
tables <- read.delim(file.path(folder, arguments[2]), header = FALSE, col.names = c("name", "file"))
limit <- as.numeric(arguments[3])

need <- function(packages) {
  for (each in packages) if (!requireNamespace(each, quietly = TRUE)) quit(status = 77)
}

peer_name <- function(package, call) paste0(package, "::", call, " ", packageVersion(package))

# Processor seconds of this thread of R.
seconds_of <- function(f, calls) {
  gc(FALSE)
  time <- system.time(for (i in seq_len(calls)) f())
  (time[["user.self"]] + time[["sys.self"]]) / calls
}

# The median of five batches, each long enough for the clock.
median_seconds <- function(f, once) {
  calls <- max(1, ceiling(0.1 / max(once, 1e-3)))
  median(replicate(5, seconds_of(f, calls)))
}

quiet <- function(f) function() suppressMessages(suppressWarnings(f()))

# Times one peer on all tables, from the smallest; answer_of leads from the result to the number to compare.
time_peer <- function(peer, tables, read, run, answer_of) {
  rate <- 0
  for (i in order(file.size(file.path(folder, tables$file)))) {
    size <- file.size(file.path(folder, tables$file[i]))
    if (rate * size > limit) next
    data <- read(file.path(folder, tables$file[i]))
    call <- quiet(function() run(data))
    result <- NULL
    first <- seconds_of(function() result <<- call(), 1)
    if (first > limit) break
    seconds <- median_seconds(call, first)
    rate <- seconds / size
    cat(tables$name[i], peer, format(seconds, digits = 6), format(answer_of(result), digits = 17), sep = "\t")
    cat("\n")
  }
}
