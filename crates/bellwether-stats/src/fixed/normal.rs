use core::f64::consts::FRAC_1_SQRT_2;

/// Returns the probability that a standard normal variable is at most `x`.
///
/// # Example: two standard deviations
///
/// ```
/// use bellwether_stats::fixed::normal_cdf;
///
/// assert!((normal_cdf(2.0) - 0.977_249_868_051_820_8).abs() < 1e-15, "R: pnorm(2)");
/// ```
#[must_use]
pub fn normal_cdf(x: f64) -> f64 {
    0.5 * libm::erfc(-x * FRAC_1_SQRT_2)
}

/// Returns the value that a standard normal variable is at most with this probability, to about 16 digits: Wichura
/// 1988, *Algorithm AS 241*.
///
/// An infinity for 0 and 1, and not a number for what is no probability.
///
/// # Example: the usual 98 %
///
/// ```
/// use bellwether_stats::fixed::normal_quantile;
///
/// assert!((normal_quantile(0.99) - 2.326_347_874_040_840_8).abs() < 1e-14, "R: qnorm(0.99)");
/// assert!(normal_quantile(1.5).is_nan());
/// ```
#[must_use]
pub fn normal_quantile(probability: f64) -> f64 {
    if !(0.0..=1.0).contains(&probability) {
        return f64::NAN;
    }
    let distance = probability - 0.5;
    if distance.abs() <= 0.425 {
        return distance * ratio(0.180_625 - distance * distance, &CENTRE);
    }
    let tail = if distance < 0.0 { probability } else { 1.0 - probability };
    if tail <= 0.0 {
        return f64::INFINITY.copysign(distance);
    }
    let root = libm::sqrt(-libm::log(tail));
    let size = if root <= 5.0 { ratio(root - 1.6, &TAIL) } else { ratio(root - 5.0, &FAR_TAIL) };
    size.copysign(distance)
}

/// A quotient of two polynomials: the coefficients of both, the highest power first.
type Quotient = [[f64; 8]; 2];

fn ratio(x: f64, [above, below]: &Quotient) -> f64 {
    polynomial(x, above) / polynomial(x, below)
}

pub(super) fn polynomial(x: f64, coefficients: &[f64]) -> f64 {
    coefficients.iter().fold(0.0, |sum, coefficient| sum * x + coefficient)
}

const CENTRE: Quotient = [
    [
        2_509.080_928_730_122_7,
        33_430.575_583_588_13,
        67_265.770_927_008_7,
        45_921.953_931_549_87,
        13_731.693_765_509_46,
        1_971.590_950_306_551_3,
        133.141_667_891_784_38,
        3.387_132_872_796_366_5,
    ],
    [
        5_226.495_278_852_545,
        28_729.085_735_721_943,
        39_307.895_800_092_71,
        21_213.794_301_586_597,
        5_394.196_021_424_751,
        687.187_007_492_057_9,
        42.313_330_701_600_91,
        1.0,
    ],
];

const TAIL: Quotient = [
    [
        7.745_450_142_783_414e-4,
        0.022_723_844_989_269_184,
        0.241_780_725_177_450_6,
        1.270_458_252_452_368_4,
        3.647_848_324_763_204_5,
        5.769_497_221_460_691,
        4.630_337_846_156_546,
        1.423_437_110_749_683_5,
    ],
    [
        1.050_750_071_644_416_9e-9,
        5.475_938_084_995_345e-4,
        0.015_198_666_563_616_457,
        0.148_103_976_427_480_08,
        0.689_767_334_985_1,
        1.676_384_830_183_803_8,
        2.053_191_626_637_759,
        1.0,
    ],
];

const FAR_TAIL: Quotient = [
    [
        2.010_334_399_292_288_1e-7,
        2.711_555_568_743_487_6e-5,
        0.001_242_660_947_388_078_4,
        0.026_532_189_526_576_124,
        0.296_560_571_828_504_87,
        1.784_826_539_917_291_3,
        5.463_784_911_164_114,
        6.657_904_643_501_103,
    ],
    [
        2.044_263_103_389_939_8e-15,
        1.421_511_758_316_446e-7,
        1.846_318_317_510_054_8e-5,
        7.868_691_311_456_133e-4,
        0.014_875_361_290_850_615,
        0.136_929_880_922_735_8,
        0.599_832_206_555_888,
        1.0,
    ],
];
