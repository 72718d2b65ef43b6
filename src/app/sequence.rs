//! The cells that a review steps through: all or some of a case, in an order of the reviewer's choice.

use crate::domain::{BlastSet, ClassTable, Facts, Filter, Order};

/// Which cells, in which order.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Sequence {
    order: Order,
    filter: Filter,
    /// Places in the case's list of cells.
    cells: Vec<usize>,
    /// For each cell of the case, where it stands in `cells`.
    stands: Vec<Option<usize>>,
}

impl Sequence {
    /// The cells of a case in an order, as far as a filter lets them through. What is decided later moves no cell: it
    /// would pull the next one from under the reviewer's hand.
    pub(super) fn of(table: &ClassTable, blasts: &BlastSet, order: Order, filter: Filter, cells: &[Facts<'_>]) -> Self {
        let places = order.places(table, blasts, cells);
        let mut sequence = Self { order, filter, cells: places, stands: vec![None; cells.len()] };
        sequence.cells.retain(|&i| sequence.filter.admits(&cells[i]));
        for (place, &i) in sequence.cells.iter().enumerate() {
            sequence.stands[i] = Some(place);
        }
        sequence
    }

    /// In which order.
    pub fn order(&self) -> Order {
        self.order
    }

    /// Which cells.
    pub fn filter(&self) -> &Filter {
        &self.filter
    }

    /// The cells, as places in the case's list.
    pub fn cells(&self) -> &[usize] {
        &self.cells
    }

    /// Where a cell of the case stands; `None`: the filter leaves it out.
    pub fn place(&self, cell: usize) -> Option<usize> {
        *self.stands.get(cell)?
    }

    /// Whether it is the whole case as scanned.
    pub fn is_plain(&self) -> bool {
        self.order == Order::Scanned && self.filter.is_all()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Verdict;

    #[test]
    fn a_cell_stands_where_the_order_puts_it_or_nowhere() {
        let table = ClassTable::default();
        let cell = |verdict| Facts { verdict, ranking: None, notes: &[], tags: &[] };
        let cells = [cell(None), cell(Some(Verdict::Excluded)), cell(None)];
        let filter = Filter::parse(&table, &BlastSet::of_table(&table), "open").expect("a filter");
        let some = Sequence::of(&table, &BlastSet::of_table(&table), Order::Scanned, filter, &cells);
        assert_eq!((some.cells(), some.is_plain()), (&[0, 2][..], false));
        assert_eq!((0..4).map(|i| some.place(i)).collect::<Vec<_>>(), [Some(0), None, Some(1), None]);
        assert!(
            Sequence::of(&table, &BlastSet::of_table(&table), Order::Scanned, Filter::default(), &cells).is_plain()
        );
    }
}
