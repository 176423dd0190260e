#!/usr/bin/env Rscript
# SPDX-License-Identifier: BSL-1.0
# Prints the reference values of growth.csv and alpha.csv from R, for the data in sessions.csv and items.csv beside it.
# usage: Rscript make_reference.R       (needs lme4, lmerTest, numDeriv, psych)
#
# lme4 stops before the last digits, so its deviance function is minimised once more here: Newton steps with numDeriv's
# gradient and Hessian until they no longer help. Fits on a boundary are left out: Newton steps need an interior optimum.
suppressMessages({library(lme4); library(lmerTest); library(numDeriv); library(psych)})
here <- dirname(normalizePath(sub("--file=", "", grep("--file=", commandArgs(FALSE), value = TRUE))))
d <- read.csv(file.path(here, "sessions.csv"))
d$client <- factor(d$client)

rows <- list()
put <- function(case, quantity, value, tolerance) rows[[length(rows) + 1]] <<- data.frame(case, quantity, value = sprintf("%.17g", value), tolerance)

models <- list(
  slope = score ~ session + (session | client),
  uncorrelated = score ~ session + (session || client),
  intercept = score ~ session + (1 | client),
  quadratic = score ~ session + I(session^2) + (session | client))
for (name in names(models)) for (reml in c(TRUE, FALSE)) {
  case <- paste0(name, if (reml) "_reml" else "_ml")
  fit <- lmer(models[[name]], d, REML = reml, control = lmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-9), calc.derivs = FALSE))
  f <- suppressMessages(update(fit, devFunOnly = TRUE))
  theta <- getME(fit, "theta")
  # The deviance at a given theta, before anything is optimised: exact in R.
  put(case, "deviance_at_start", f(if (name == "slope" || name == "quadratic") c(1, 0, 0.1) else if (name == "intercept") 1 else c(1, 0.1)), 1e-10)
  for (i in 1:20) {
    g <- grad(f, theta); h <- hessian(f, theta); step <- solve(h, g); theta <- theta - step
    if (max(abs(step)) < 1e-10) break
  }
  best <- f(theta)
  opt <- list(par = theta, fval = best, feval = 1L, conv = 0L, message = NULL)
  env <- environment(f)
  lf <- lFormula(models[[name]], d, REML = reml)
  m <- mkMerMod(env, opt, lf$reTrms, fr = lf$fr)
  put(case, "deviance", best, 1e-9)
  b <- fixef(m); v <- as.matrix(vcov(m, use.hessian = FALSE))
  for (j in seq_along(b)) { put(case, paste0("beta", j), b[[j]], 1e-7); put(case, paste0("se", j), sqrt(v[j, j]), 1e-7) }
  s <- sigma(m); put(case, "sigma", s, 1e-7)
  vc <- as.data.frame(VarCorr(m))
  put(case, "sd1", vc$sdcor[1], 1e-7)
  if (name != "intercept") { put(case, "sd2", vc$sdcor[2], 1e-7) }
  if (name %in% c("slope", "quadratic")) put(case, "corr", vc$sdcor[3], 1e-6)
  put(case, "aic", AIC(logLik(m)), 1e-9)
  put(case, "bic", BIC(m), 1e-9)
  re <- ranef(m, condVar = TRUE)$client
  put(case, "mode_first_client", re[1, 1], 1e-6)
  put(case, "mode_last_client", re[nrow(re), 1], 1e-6)
  # lmerTest differentiates numerically: its degrees of freedom are good to about 1e-6.
  lt <- as_lmerModLmerTest(fit)
  df <- coef(summary(lt))[, "df"]
  for (j in seq_along(df)) put(case, paste0("df", j), df[[j]], 1e-4)
}
write.csv(do.call(rbind, rows), file.path(here, "growth.csv"), row.names = FALSE, quote = FALSE)

rows <- list()
x <- read.csv(file.path(here, "items.csv"))
for (use in c("pairwise", "listwise")) {
  y <- if (use == "listwise") na.omit(x) else x
  a <- suppressWarnings(alpha(y))
  put(use, "alpha", a$total$raw_alpha, 1e-12)
  put(use, "alpha_standardized", a$total$std.alpha, 1e-12)
  put(use, "mean_r", a$total$average_r, 1e-12)
  put(use, "se", a$total$ase, 1e-11)
  ci <- alpha.ci(a$total$raw_alpha, nrow(y), ncol(y), digits = 15)
  put(use, "feldt_lower", ci$lower.ci, 1e-11)
  put(use, "feldt_upper", ci$upper.ci, 1e-11)
  for (j in seq_len(ncol(y))) {
    i <- a$item.stats[j, ]
    put(use, paste0("mean", j), i$mean, 1e-12); put(use, paste0("sd", j), i$sd, 1e-12)
    put(use, paste0("raw_r", j), i$raw.r, 1e-11); put(use, paste0("std_r", j), i$std.r, 1e-11)
    put(use, paste0("r_cor", j), i$r.cor, 1e-10); put(use, paste0("r_drop", j), i$r.drop, 1e-11)
    put(use, paste0("dropped", j), a$alpha.drop$raw_alpha[j], 1e-11)
  }
}
write.csv(do.call(rbind, rows), file.path(here, "alpha.csv"), row.names = FALSE, quote = FALSE)
writeLines(c(R.version.string, paste("lme4", packageVersion("lme4")), paste("lmerTest", packageVersion("lmerTest")),
             paste("numDeriv", packageVersion("numDeriv")), paste("psych", packageVersion("psych"))), file.path(here, "versions.txt"))
