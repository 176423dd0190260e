# SPDX-License-Identifier: BSL-1.0
# Times psych::scoreItems on forms of the WAI-36. The answer is the mean total.
source(file.path(dirname(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE))), "common.R"))
need("psych")

reversed <- c(1, 3, 7, 9, 10, 11, 12, 15, 20, 27, 29, 31, 33, 34)
signed <- function(items) paste0(ifelse(items %in% reversed, "-", ""), "i", items)
keys <- list(total = signed(1:36))
time_peer(peer_name("psych", "scoreItems"), tables, read.csv,
          function(d) psych::scoreItems(keys, d, totals = TRUE, min = 1, max = 7),
          function(r) mean(r$scores[, "total"]))
