//! Medians and ranges.

/// Values of one quantity, one a round.
#[derive(Debug, Default)]
pub struct Series(Vec<f64>);

impl Series {
    /// Adds a value.
    pub fn push(&mut self, value: f64) {
        self.0.push(value);
    }

    /// The values in the order of their rounds.
    pub fn values(&self) -> &[f64] {
        &self.0
    }

    /// `median [lowest-highest]` with so many digits behind the point.
    pub fn text(&self, digits: usize) -> String {
        let mut sorted = self.0.clone();
        sorted.sort_by(f64::total_cmp);
        let (Some(lowest), Some(highest)) = (sorted.first(), sorted.last()) else {
            return "-".to_owned();
        };
        let half = sorted.len() / 2;
        let median = if sorted.len() % 2 == 1 {
            sorted[half]
        } else {
            (sorted[half - 1] + sorted[half]) / 2.0
        };
        format!("{median:.digits$} [{lowest:.digits$}-{highest:.digits$}]")
    }
}
