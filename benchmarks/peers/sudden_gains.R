# SPDX-License-Identifier: BSL-1.0
# Times the R package suddengains on wide tables of symptom scores. The answer is the number of sudden gains.
source(file.path(dirname(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE))), "common.R"))
need("suddengains")

time_peer(peer_name("suddengains", "identify_sg"), tables, read.csv,
          function(d) suddengains::identify_sg(d, "id", names(d)[-1], sg_crit1_cutoff = 7),
          function(found) sum(found[grepl("^sg_[0-9]", names(found))], na.rm = TRUE))
