//! The little linear algebra that a fit needs.

/// A symmetric matrix, of which only the lower half is kept.
pub(super) struct Symmetric {
    size: usize,
    cells: Vec<f64>,
}

impl Symmetric {
    pub(super) fn zero(size: usize) -> Self {
        Self { size, cells: vec![0.0; size * (size + 1) / 2] }
    }

    /// Adds weight times the outer product of a vector with itself.
    pub(super) fn add_outer(&mut self, weight: f64, vector: &[f64]) {
        let mut rest = self.cells.as_mut_slice();
        for (row, value) in vector.iter().enumerate() {
            let Some((cells, after)) = rest.split_at_mut_checked(row + 1) else { return };
            let scaled = weight * value;
            for (cell, other) in cells.iter_mut().zip(vector) {
                *cell += scaled * other;
            }
            rest = after;
        }
    }

    pub(super) fn add_to_diagonal(&mut self, index: usize, value: f64) {
        if let Some(cell) = self.cells.get_mut(place(index, index)) {
            *cell += value;
        }
    }

    fn at(&self, row: usize, column: usize) -> f64 {
        self.cells.get(place(row, column)).copied().unwrap_or_default()
    }

    /// Solves for a vector by Cholesky's decomposition; nothing where the matrix is not positive definite.
    pub(super) fn solve(mut self, vector: &[f64]) -> Option<Vec<f64>> {
        self.decompose()?;
        let mut solution = vector.to_vec();
        for row in 0..self.size {
            let known: f64 = (0..row).map(|column| self.at(row, column) * entry(&solution, column)).sum();
            set(&mut solution, row, (entry(vector, row) - known) / self.at(row, row));
        }
        for row in (0..self.size).rev() {
            let known: f64 = (row + 1..self.size).map(|below| self.at(below, row) * entry(&solution, below)).sum();
            let value = (entry(&solution, row) - known) / self.at(row, row);
            set(&mut solution, row, value);
        }
        Some(solution)
    }

    fn decompose(&mut self) -> Option<()> {
        for row in 0..self.size {
            for column in 0..=row {
                let known: f64 = (0..column).map(|before| self.at(row, before) * self.at(column, before)).sum();
                let rest = self.at(row, column) - known;
                let value = if row == column {
                    if rest.is_nan() || rest <= 0.0 {
                        return None;
                    }
                    libm::sqrt(rest)
                } else {
                    rest / self.at(column, column)
                };
                *self.cells.get_mut(place(row, column))? = value;
            }
        }
        Some(())
    }
}

/// Where a cell of the lower half stands.
const fn place(row: usize, column: usize) -> usize {
    row * (row + 1) / 2 + column
}

fn entry(vector: &[f64], index: usize) -> f64 {
    vector.get(index).copied().unwrap_or_default()
}

fn set(vector: &mut [f64], index: usize, value: f64) {
    if let Some(cell) = vector.get_mut(index) {
        *cell = value;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The worked example of Golub and Van Loan, "Matrix Computations", 4th edition, 4.2: [[2, -2], [-2, 5]].
    #[test]
    fn a_small_system_is_solved() {
        let mut matrix = Symmetric::zero(2);
        matrix.add_outer(2.0, &[1.0, -1.0]);
        matrix.add_to_diagonal(1, 3.0);
        let solution = matrix.solve(&[2.0, 1.0]).unwrap();
        assert!((solution[0] - 2.0).abs() < 1e-12 && (solution[1] - 1.0).abs() < 1e-12, "{solution:?}");
        assert!(Symmetric::zero(2).solve(&[1.0, 1.0]).is_none());
    }

    proptest! {
        #[test]
        fn what_is_solved_gives_the_right_side_again(
            rows in prop::collection::vec(prop::array::uniform4(-3.0..3.0_f64), 4..12),
            right in prop::array::uniform4(-5.0..5.0_f64),
        ) {
            let mut matrix = Symmetric::zero(4);
            let mut full = [[0.0; 4]; 4];
            for row in &rows {
                matrix.add_outer(1.0, row);
                for (i, j) in (0..4).flat_map(|i| (0..4).map(move |j| (i, j))) {
                    full[i][j] += row[i] * row[j];
                }
            }
            for (i, row) in full.iter_mut().enumerate() {
                matrix.add_to_diagonal(i, 1.0);
                row[i] += 1.0;
            }
            let solution = matrix.solve(&right).unwrap();
            for (row, expected) in full.iter().zip(right) {
                let found: f64 = row.iter().zip(&solution).map(|(a, b)| a * b).sum();
                prop_assert!((found - expected).abs() < 1e-8, "{found} {expected}");
            }
        }
    }
}
