# Makes r.jsonl: what R says of fixed samples, proportions and group-sequential boundaries.
suppressWarnings(suppressMessages(library(rpact)))
number <- function(x) {
  text <- sprintf("%.17g", x)
  text[!is.finite(x)] <- "null"
  text
}
list_of <- function(x) paste0("[", paste(number(x), collapse = ","), "]")
object <- function(...) {
  fields <- list(...)
  cat("{", paste0("\"", names(fields), "\":", unlist(fields), collapse = ","), "}\n", sep = "")
}
quoted <- function(x) paste0("\"", x, "\"")
sides <- c("two.sided", "less", "greater")

object(kind = quoted("versions"), r = quoted(R.version.string), rpact = quoted(as.character(packageVersion("rpact"))))

set.seed(20240229)
sizes <- list(c(1, 1), c(1, 7), c(2, 2), c(2, 9), c(3, 4), c(5, 5), c(6, 3), c(8, 12), c(10, 5), c(20, 20), c(30, 49),
              c(49, 49), c(50, 12), c(60, 60), c(90, 120), c(200, 150))
draws <- list(
  normal = function(n, shift) rnorm(n, 10 + shift, 2),
  skewed = function(n, shift) exp(rnorm(n, shift, 1.5)),
  rounded = function(n, shift) round(rnorm(n, shift, 3), 0),
  tenths = function(n, shift) round(rnorm(n, shift, 1), 1),
  zeros = function(n, shift) ifelse(runif(n) < 0.6, 0, rexp(n) * (1 + shift)),
  tiny = function(n, shift) rnorm(n, 10 + shift, 2) * 1e-9,
  large = function(n, shift) (rnorm(n, 10 + shift, 2)) * 1e9)

quiet <- function(x) suppressWarnings(x)
p_of <- function(...) sapply(sides, function(side) quiet(wilcox.test(..., alternative = side))$p.value)

for (size in sizes) for (name in names(draws)) for (shift in c(0, 1.3)) {
  x <- draws[[name]](size[1], shift)
  y <- draws[[name]](size[2], 0)
  fields <- list(kind = quoted("samples"), treatment = list_of(x), control = list_of(y))
  automatic <- quiet(wilcox.test(x, y))
  fields$u <- number(automatic$statistic)
  fields$automatic <- list_of(p_of(x, y))
  spread <- length(unique(c(x, y))) > 1
  if (spread) {
    fields$normal <- list_of(p_of(x, y, exact = FALSE))
    fields$uncorrected <- list_of(p_of(x, y, exact = FALSE, correct = FALSE))
  }
  fields$median <- number(median(outer(x, y, "-")))
  tied <- length(unique(c(x, y))) < length(x) + length(y)
  exact <- !tied && max(size) < 50
  if (exact) fields$exact_limits <- list_of(sapply(c(0.9, 0.95, 0.98), function(level)
    quiet(wilcox.test(x, y, conf.int = TRUE, conf.level = level))$conf.int))
  # Only within an arm do ties remain where the limits are searched.
  if (length(unique(x)) > 1 || length(unique(y)) > 1) {
    scale <- max(abs(c(x, y)))
    fields$normal_limits <- list_of(sapply(c(0.9, 0.95, 0.98), function(level)
      quiet(wilcox.test(x, y, exact = FALSE, conf.int = TRUE, conf.level = level, tol.root = scale * 1e-15))$conf.int))
  }
  ks <- lapply(sides, function(side) quiet(ks.test(x, y, alternative = side, exact = length(x) * length(y) < 10000)))
  fields$ks <- list_of(sapply(ks, function(test) test$statistic))
  fields$ks_p <- list_of(sapply(ks, function(test) test$p.value))
  fields$ks_exact <- if (length(x) * length(y) < 10000) "true" else "false"
  if (min(size) > 1 && (var(x) > 0 || var(y) > 0)) {
    tests <- lapply(sides, function(side) t.test(x, y, alternative = side))
    fields$t <- number(tests[[1]]$statistic)
    fields$freedom <- number(tests[[1]]$parameter)
    fields$t_p <- list_of(sapply(tests, function(test) test$p.value))
    fields$t_limits <- list_of(sapply(c(0.9, 0.95, 0.999), function(level) t.test(x, y, conf.level = level)$conf.int))
  }
  fields$quantiles <- list_of(quantile(x, c(0, 0.01, 0.05, 0.25, 0.5, 0.75, 0.99, 1), names = FALSE))
  do.call(object, fields)
}

tables <- rbind(
  c(3, 4, 1, 4), c(0, 10, 0, 10), c(0, 10, 3, 10), c(10, 10, 0, 10), c(10, 10, 10, 12), c(1, 1, 0, 1), c(7, 50, 1, 50),
  c(12, 300, 57, 5700), c(40, 300, 57, 5700), c(3, 1000, 30, 100000), c(500, 1000, 500, 1000), c(520, 1000, 450, 1000),
  c(56, 70, 48, 80), c(9, 10, 3, 10), c(6, 7, 2, 7), c(5, 56, 0, 29), c(0, 10, 0, 20), c(10, 10, 0, 20), c(200, 300, 57, 5700),
  c(15000, 1000000, 14000, 1000000), c(1, 1000000, 0, 3), c(123, 456789, 98, 345678))
for (row in seq_len(nrow(tables))) {
  table <- tables[row, ]
  counts <- matrix(c(table[1], table[2] - table[1], table[3], table[4] - table[3]), 2)
  fields <- list(kind = quoted("proportions"), counts = list_of(table))
  fields$fisher <- list_of(sapply(sides, function(side) fisher.test(counts, alternative = side)$p.value))
  total <- table[1] + table[3]
  if (total > 0 && total < table[2] + table[4]) {
    tests <- lapply(sides, function(side) quiet(prop.test(table[c(1, 3)], table[c(2, 4)], alternative = side, correct = FALSE)))
    fields$z <- number(sign(table[1] / table[2] - table[3] / table[4]) * sqrt(unname(tests[[1]]$statistic)))
    fields$z_p <- list_of(sapply(tests, function(test) test$p.value))
  }
  do.call(object, fields)
}

probabilities <- c(1e-300, 1e-100, 1e-30, 1e-16, 1e-9, 1e-5, 0.001, 0.01, 0.025, 0.07, 0.0749, 0.0751, 0.25, 0.4, 0.5, 0.6, 0.9251, 0.99, 1 - 1e-9)
object(kind = quoted("normal"), probabilities = list_of(probabilities), quantiles = list_of(qnorm(probabilities)),
       x = list_of(seq(-38, 8, 0.37)), cdf = list_of(pnorm(seq(-38, 8, 0.37))))

# Boundaries of up to ten looks by rpact, whose own searches end at 1e-10 and integrate by Newton and Cotes' rule.
plans <- list(seq(0.2, 1, 0.2), c(0.5, 1), c(0.1, 0.3, 0.35, 0.8, 1), seq(0.1, 1, 0.1), c(0.01, 0.02, 0.9, 1))
for (fractions in plans) for (design in c("asOF", "asP")) for (sided in 1:2) for (alpha in c(0.01, 0.025, 0.05)) {
  z <- getDesignGroupSequential(typeOfDesign = design, alpha = alpha, sided = sided, informationRates = fractions,
                                twoSidedPower = FALSE, tolerance = 1e-10)$criticalValues
  object(kind = quoted("boundaries"), alpha = number(alpha), fractions = list_of(fractions), spending = quoted(design),
         sides = sided, z = list_of(z), tolerance = "1e-6")
}
# The second of two looks by one integral, to 1e-12.
spent <- list(asOF = function(alpha, t) 2 * pnorm(qnorm(alpha / 2) / sqrt(t)), asP = function(alpha, t) alpha * log(1 + (exp(1) - 1) * t))
for (t in c(0.05, 0.3, 0.5, 0.9)) for (design in c("asOF", "asP")) for (sided in 1:2) for (alpha in c(0.01, 0.025, 0.05)) {
  first <- spent[[design]](alpha / sided, t)
  b <- qnorm(first, lower.tail = FALSE)
  beyond <- function(c) integrate(function(z) dnorm(z) * pnorm((c - z * sqrt(t)) / sqrt(1 - t), lower.tail = FALSE),
                                  if (sided == 2) -b else -12, b, rel.tol = 1e-13, subdivisions = 2000)$value
  second <- uniroot(function(c) beyond(c) - (spent[[design]](alpha / sided, 1) - first), c(0, 9), tol = 1e-14)$root
  object(kind = quoted("boundaries"), alpha = number(alpha), fractions = list_of(c(t, 1)), spending = quoted(design),
         sides = sided, z = list_of(c(b, second)), tolerance = "1e-9")
}
