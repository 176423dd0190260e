# SPDX-License-Identifier: BSL-1.0
# Times lme4, lmerTest and nlme on linear growth with random intercept and slope. The answer is the REML criterion.
source(file.path(dirname(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE))), "common.R"))
need("lme4")

read_scores <- function(file) {
  d <- read.csv(file)
  d$client <- factor(d$client)
  d
}
criterion <- function(fit) -2 * as.numeric(logLik(fit))
formula <- score ~ session + (session | client)

lme4_fit <- function(which) {
  time_peer(peer_name("lme4", "lmer"), which, read_scores, function(d) lme4::lmer(formula, d), criterion)
}
# Satterthwaite's degrees of freedom come with lmerTest's summary.
lmer_test <- function(which) {
  if (!requireNamespace("lmerTest", quietly = TRUE)) return()
  time_peer(peer_name("lmerTest", "lmer, summary"), which, read_scores,
            function(d) { fit <- lmerTest::lmer(formula, d); summary(fit); fit }, criterion)
}
nlme_fit <- function(which) {
  if (!requireNamespace("nlme", quietly = TRUE)) return()
  time_peer(peer_name("nlme", "lme"), which, read_scores,
            function(d) nlme::lme(score ~ session, d, random = ~ session | client,
                                  control = nlme::lmeControl(opt = "optim")), criterion)
}

# The first line about a benchmark names its peer: the one that does the same work.
with_tests <- startsWith(tables$name, "models/")
lmer_test(tables[with_tests, ])
lme4_fit(tables[with_tests, ])
lme4_fit(tables[!with_tests, ])
nlme_fit(tables)
