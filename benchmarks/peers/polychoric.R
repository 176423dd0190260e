# SPDX-License-Identifier: BSL-1.0
# Times psych::polychoric. The answer is the mean threshold: its correlations stop at the fourth digit.
source(file.path(dirname(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE))), "common.R"))
need("psych")

time_peer(peer_name("psych", "polychoric"), tables, read.csv,
          function(d) psych::polychoric(d, correct = 0, global = FALSE), function(r) mean(r$tau))
