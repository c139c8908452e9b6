# Makes kayenta.jsonl: the interval and the estimate of a shift that Kayenta's judge finds, by the function in R that it
# was translated from. Kayenta keeps the correction for continuity in its estimate, which R switches off before it.
number <- function(x) sprintf("%.17g", x)
list_of <- function(x) paste0("[", paste(number(x), collapse = ","), "]")
shift <- function(x, y, level) {
  m <- length(x); n <- length(y)
  W <- function(d) {
    ranks <- rank(c(x - d, y)); ties <- table(ranks)
    distance <- sum(ranks[seq_along(x)]) - m * (m + 1) / 2 - m * n / 2
    sigma <- sqrt(m * n / 12 * ((m + n + 1) - sum(ties^3 - ties) / ((m + n) * (m + n - 1))))
    (distance - sign(distance) * 0.5) / sigma
  }
  least <- min(x) - max(y); most <- max(x) - min(y)
  # uniroot() calls its function once more than zeroin does, and refuses ends of one sign; only cases with two are here.
  uniroot(W, lower = least, upper = most, tol = 1e-4)$root
}
cat("{\"r\":\"", R.version.string, "\"}\n", sep = "")
set.seed(20240301)
draws <- list(function(n, s) rnorm(n, 10 + s, 2), function(n, s) exp(rnorm(n, s, 1.5)), function(n, s) round(rnorm(n, s, 3)) + 0,
              function(n, s) ifelse(runif(n) < 0.6, 0, rexp(n) * (1 + s)), function(n, s) rnorm(n, 10 + s, 2) * 1e-4,
              function(n, s) rnorm(n, 10 + s, 2) * 1e4)
for (draw in draws) for (size in list(c(4, 4), c(5, 12), c(30, 30), c(60, 45), c(180, 180))) for (s in c(0, 0.8, 4)) {
  x <- draw(size[1], s); y <- draw(size[2], 0)
  if (length(unique(x)) == 1 || length(unique(y)) == 1) next
  for (level in c(0.95, 0.98)) {
    limits <- suppressWarnings(wilcox.test(x, y, exact = FALSE, conf.int = TRUE, conf.level = level, tol.root = 1e-4))$conf.int
    cat("{\"experiment\":", list_of(x), ",\"control\":", list_of(y), ",\"confidence\":", number(level), ",\"interval\":",
        list_of(c(limits, shift(x, y, level))), "}\n", sep = "")
  }
}
