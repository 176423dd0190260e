# SPDX-License-Identifier: BSL-1.0
# Times PELT of the R package changepoint, which is C code, on long series of steps. The answer is the number of changes.
source(file.path(dirname(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE))), "common.R"))
need("changepoint")

time_peer(peer_name("changepoint", "cpt.mean, PELT"), tables, function(file) read.csv(file)$score,
          function(y) changepoint::cpt.mean(y, method = "PELT", penalty = "Manual", pen.value = 2 * log(length(y)),
                                            class = FALSE),
          function(found) length(found) - 1)
