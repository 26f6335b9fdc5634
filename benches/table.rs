//! What is printed: what was measured, and then each figure beside its budget.

/// Lines and rows, in order.
#[derive(Default)]
pub struct Table {
    lines: Vec<String>,
    rows: Vec<(String, f64, Option<f64>)>,
}

impl Table {
    /// Something that was measured, as it is.
    pub fn line(&mut self, line: &str) {
        eprintln!("{line}");
        self.lines.push(line.to_owned());
    }

    /// A figure, with its budget where it has one.
    pub fn row(&mut self, what: &str, here: f64, budget: Option<f64>) {
        self.rows.push((what.to_owned(), here, budget));
    }

    /// How many figures are over their budgets. What could not be measured is over.
    pub fn over(&self) -> usize {
        self.rows.iter().filter(|row| Self::is_over(row)).count()
    }

    fn is_over((_, here, budget): &(String, f64, Option<f64>)) -> bool {
        budget.is_some_and(|budget| here.is_nan() || *here > budget)
    }

    /// Prints all of it.
    pub fn print(&self) {
        for line in &self.lines {
            println!("{line}");
        }
        println!("\n{:<50} {:>10} {:>10}", "figure", "here", "budget");
        for row in &self.rows {
            let (what, here, budget) = row;
            let budget = budget.map_or("-".to_owned(), |budget| format!("{budget}"));
            let over = if Self::is_over(row) { "  OVER" } else { "" };
            println!("{what:<50} {here:>10.2} {budget:>10}{over}");
        }
        println!("\n{} over their budgets", self.over());
    }
}
