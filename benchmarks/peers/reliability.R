# SPDX-License-Identifier: BSL-1.0
# Times psych::alpha, which computes the item table too. The answer is raw alpha.
source(file.path(dirname(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE))), "common.R"))
need("psych")

time_peer(peer_name("psych", "alpha"), tables, read.csv, function(d) psych::alpha(d), function(r) r$total$raw_alpha)
