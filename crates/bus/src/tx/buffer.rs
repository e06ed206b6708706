//! What a transaction keeps until it is committed, so that it can go back to a savepoint.

/// Rows to be written. A savepoint costs nothing, however many there are.
pub(super) struct Buffer<T> {
    rows: Vec<T>,
    mark: Option<Mark<T>>,
}

/// What there was at the savepoint.
struct Mark<T> {
    /// So many of it are still there, before all that came later.
    length: usize,
    /// And these were taken out since, one after the other, each from its place among the rest.
    taken_out: Vec<(usize, T)>,
}

impl<T> Buffer<T> {
    pub(super) fn new() -> Self {
        Self { rows: Vec::new(), mark: None }
    }

    pub(super) fn push(&mut self, row: T) {
        self.rows.push(row);
    }

    /// Takes out what fits, and gives how many there were.
    pub(super) fn take_out(&mut self, fits: impl Fn(&T) -> bool) -> usize {
        let marked = self.mark.as_ref().map_or(0, |mark| mark.length);
        let mut count = self.rows.extract_if(marked.., |row| fits(row)).count();
        if let Some(mark) = &mut self.mark {
            while let Some(place) = self.rows[..mark.length].iter().position(&fits) {
                mark.taken_out.push((place, self.rows.remove(place)));
                mark.length -= 1;
                count += 1;
            }
        }
        count
    }

    pub(super) fn mark(&mut self) {
        self.mark = Some(Mark { length: self.rows.len(), taken_out: Vec::new() });
    }

    /// What was done since the mark stays.
    pub(super) fn release(&mut self) {
        self.mark = None;
    }

    /// Back to what there was at the mark.
    pub(super) fn undo(&mut self) {
        let Some(mark) = self.mark.take() else { return };
        self.rows.truncate(mark.length);
        for (place, row) in mark.taken_out.into_iter().rev() {
            self.rows.insert(place, row);
        }
    }

    pub(super) fn rows(&self) -> &[T] {
        &self.rows
    }

    /// All of it; none is left.
    pub(super) fn take(&mut self) -> Vec<T> {
        self.mark = None;
        std::mem::take(&mut self.rows)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marked() -> Buffer<u32> {
        let mut buffer = Buffer::new();
        (1..=5).for_each(|row| buffer.push(row));
        buffer.mark();
        buffer
    }

    #[test]
    fn what_was_taken_out_since_the_mark_is_back_in_its_place() {
        let mut buffer = marked();
        buffer.push(6);
        assert_eq!(buffer.take_out(|row| row % 2 == 0), 3);
        buffer.push(7);
        assert_eq!(buffer.take_out(|row| *row == 1 || *row == 5), 2);
        assert_eq!(buffer.rows(), [3, 7]);
        buffer.undo();
        assert_eq!(buffer.rows(), [1, 2, 3, 4, 5]);
        buffer.undo();
        assert_eq!(buffer.take(), [1, 2, 3, 4, 5], "without a mark there is nothing to go back to");
    }

    #[test]
    fn what_is_released_stays_as_it_is() {
        let mut buffer = marked();
        buffer.push(6);
        assert_eq!(buffer.take_out(|row| row % 2 == 0), 3);
        buffer.release();
        buffer.undo();
        assert_eq!(buffer.rows(), [1, 3, 5]);
        assert_eq!(buffer.take_out(|row| *row > 1), 2);
    }
}
