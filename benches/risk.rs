//! What one score of the change-risk prior costs, with what each metric adds to it.
//!
//! Figure to hold: at most 1 us.

use bellwether_risk::prior::{Metrics, Standing, Table};
use criterion::{Criterion, criterion_group, criterion_main};

fn one_score(criterion: &mut Criterion) {
    let table = Table::shipped();
    let metrics = Metrics {
        ns: 1.0,
        nd: 3.0,
        nf: 7.0,
        entropy: 2.1,
        la: 412.0,
        ld: 88.0,
        lt: 5_200.0,
        ndev: 12.0,
        age: 9.5,
        nuc: 120.0,
        exp: 340.0,
        rexp: 41.0,
        sexp: 60.0,
        ..Metrics::default()
    };
    criterion.bench_function("prior/score", |bencher| bencher.iter(|| table.score(&metrics, Standing::UNKNOWN)));
}

criterion_group!(benches, one_score);
criterion_main!(benches);
