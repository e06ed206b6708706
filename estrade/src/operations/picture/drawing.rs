//! Where everything stands in the picture: on the left each service with its outbox, in the middle the
//! exchange, on the right each service with its queues, and between them the lines along which events
//! travel. Plain geometry, in the picture's own units; at the width of a page one unit is one pixel.

use std::fmt;

use super::view::{QueueView, ServiceView};

const WIDTH: i32 = 1116;
/// Room for what is written above the columns, and below everything.
const TOP: i32 = 36;
const BOTTOM: i32 = 10;

const OUTBOX: Rect = Rect { x: 8, y: 0, width: 158, height: 46 };
const EXCHANGE: Rect = Rect { x: 246, y: 0, width: 96, height: 0 };
const GROUP: Rect = Rect { x: 440, y: 0, width: 668, height: 0 };
/// Between two groups, and above and below the queues of one.
const APART: i32 = 8;
const PADDING: i32 = 8;

/// Where the queues begin, and how far it is from one to the next.
const QUEUES: i32 = 454;
const COLUMNS: i32 = 3;
const COLUMN: i32 = 170;
const ROW: i32 = 30;
/// A queue's width and height.
const CYLINDER: (i32, i32) = (156, 20);
/// Between the lines that run side by side above a row.
const BESIDE: i32 = 3;
/// Where the name of a service begins, and where what stands beside it ends.
const NAMES: i32 = 964;
const NAMES_END: i32 = 1092;
/// At both ends of the exchange, where no line begins or ends.
const INSET: i32 = 28;

/// Letters of a caption's line, of a line in the exchange, and of a queue's name that fits by itself.
const CAPTION: usize = 20;
const IN_EXCHANGE: usize = 11;
const LONGEST_NAME: usize = 17;
/// Between the lines of a caption.
const LEADING: i32 = 13;

/// The picture, ready to be printed.
pub(super) struct Drawing {
    pub(super) height: i32,
    pub(super) exchange: Rect,
    /// What the exchange does, line by line, each with its height.
    pub(super) exchange_words: Vec<(i32, String)>,
    pub(super) lanes: Vec<Lane>,
}

/// A service: what it says on the left, what it hears on the right.
pub(super) struct Lane {
    pub(super) service: ServiceView,
    pub(super) outbox: Rect,
    /// From its outbox into the exchange.
    pub(super) says: Line,
    pub(super) group: Rect,
    /// How high its name stands on the right; below it what it is for, line by line.
    pub(super) name_y: i32,
    pub(super) caption: Vec<(i32, String)>,
    pub(super) queues: Vec<Cylinder>,
}

/// A queue, lying on its side.
pub(super) struct Cylinder {
    pub(super) queue: QueueView,
    /// The middle of its left end, where its line arrives.
    pub(super) at: Point,
    pub(super) line: Line,
}

#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Point {
    pub(super) x: i32,
    pub(super) y: i32,
}

#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Rect {
    pub(super) x: i32,
    pub(super) y: i32,
    pub(super) width: i32,
    pub(super) height: i32,
}

/// A curve from left to right; to a queue behind another, along the gap above their row.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Line {
    from: Point,
    to: Point,
    /// How high it runs in the gap.
    gap: Option<i32>,
    /// The point that it is drawn from: the place of what it belongs to.
    origin: Point,
}

impl Drawing {
    pub(super) fn of(services: Vec<ServiceView>, exchange_words: &str) -> Self {
        let counts: Vec<i32> = services.iter().map(|service| count(&service.queues)).collect();
        let groups = groups(&counts);
        let exchange = exchange(&groups);
        let (said, heard) = (count(&counts), counts.iter().sum());
        let (mut before, mut lanes) = (0, Vec::new());
        for ((number, service), group) in (0..).zip(services).zip(groups) {
            let leaves = |rank| exchange.right_at(exchange.port(before + rank, heard));
            let queues = cylinders(&service.queues, group, leaves);
            before += count(&queues);
            let arrives = Point { x: exchange.x, y: exchange.port(number, said) };
            lanes.push(Lane::of(service, arrives, group, queues));
        }
        let height = lanes.last().map_or(TOP, |lane: &Lane| lane.group.bottom()) + BOTTOM;
        let exchange_words = below(exchange.middle(), wrapped(exchange_words, IN_EXCHANGE));
        Self { height, exchange, exchange_words, lanes }
    }

    pub(super) fn width(&self) -> i32 {
        WIDTH
    }

    /// Where the columns' captions begin: outboxes, queues, services.
    pub(super) fn columns(&self) -> (i32, i32, i32) {
        (OUTBOX.x, QUEUES, NAMES)
    }
}

impl Lane {
    fn of(service: ServiceView, arrives: Point, group: Rect, queues: Vec<Cylinder>) -> Self {
        let outbox = Rect { y: group.middle() - OUTBOX.height / 2, ..OUTBOX };
        let from = outbox.right_at(outbox.middle());
        let says = Line { from, to: arrives, gap: None, origin: outbox.corner() };
        // Name and caption stand around the middle of the group.
        let caption = wrapped(&service.caption, CAPTION);
        let name_y = group.middle() + 5 - count(&caption) * LEADING / 2;
        let caption = below(name_y + 1, caption);
        Self { service, outbox, says, group, name_y, caption, queues }
    }

    pub(super) fn name_x(&self) -> i32 {
        NAMES
    }

    pub(super) fn name_ends(&self) -> i32 {
        NAMES_END
    }
}

impl Cylinder {
    /// Its name is too long for some typeface: it is drawn closer.
    pub(super) fn is_long(&self) -> bool {
        self.queue.name.len() > LONGEST_NAME
    }
}

impl Rect {
    pub(super) fn right(&self) -> i32 {
        self.x + self.width
    }

    pub(super) fn bottom(&self) -> i32 {
        self.y + self.height
    }

    pub(super) fn middle(&self) -> i32 {
        self.y + self.height / 2
    }

    pub(super) fn centre(&self) -> i32 {
        self.x + self.width / 2
    }

    fn corner(&self) -> Point {
        Point { x: self.x, y: self.y }
    }

    fn right_at(&self, y: i32) -> Point {
        Point { x: self.right(), y }
    }

    /// Where one of so many lines meets its side.
    fn port(&self, number: i32, of: i32) -> i32 {
        self.y + INSET + (self.height - 2 * INSET) * (2 * number + 1) / (2 * of.max(1))
    }
}

fn count<T>(things: &[T]) -> i32 {
    i32::try_from(things.len()).unwrap_or(i32::MAX)
}

/// The services on the right, one below the other, each as high as its queues want.
fn groups(counts: &[i32]) -> Vec<Rect> {
    let mut y = TOP;
    let group = |count: &i32| {
        let rows = (count + COLUMNS - 1) / COLUMNS;
        let group = Rect { y, height: rows.max(1) * ROW + 2 * PADDING, ..GROUP };
        y = group.bottom() + APART;
        group
    };
    counts.iter().map(group).collect()
}

/// In the middle of the groups, and tall, so that the lines to them are not steep.
fn exchange(groups: &[Rect]) -> Rect {
    let height = groups.last().map_or(0, |last| last.bottom() - TOP).max(10 * INSET);
    Rect { y: TOP + height / 5, height: height * 3 / 5, ..EXCHANGE }
}

fn cylinders(queues: &[QueueView], group: Rect, leaves: impl Fn(i32) -> Point) -> Vec<Cylinder> {
    let cylinder = |(number, queue): (i32, &QueueView)| {
        let (row, column) = (number / COLUMNS, number % COLUMNS);
        let y = group.y + PADDING + row * ROW + ROW / 2;
        let at = Point { x: QUEUES + column * COLUMN, y };
        let gap = (column > 0).then(|| y - CYLINDER.1 / 2 - column * BESIDE);
        let from = leaves(rank(number, count(queues)));
        Cylinder { queue: queue.clone(), at, line: Line { from, to: at, gap, origin: at } }
    };
    (0..).zip(queues).map(cylinder).collect()
}

/// Lines leave the exchange in the order in which they arrive, so that none crosses another: to the
/// farthest queue of a row goes the highest.
fn rank(number: i32, count: i32) -> i32 {
    let (row, column) = (number / COLUMNS, number % COLUMNS);
    let in_row = COLUMNS.min(count - row * COLUMNS);
    row * COLUMNS + in_row - 1 - column
}

impl fmt::Display for Line {
    /// As the `d` of a path.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "M{} {}", self.from.x - self.origin.x, self.from.y - self.origin.y)?;
        let Some(y) = self.gap else {
            return curve(f, self.from, self.to);
        };
        let turns = Point { x: self.to.x + CYLINDER.0 - COLUMN, y };
        curve(f, self.from, Point { x: QUEUES, y })?;
        write!(f, "h{}", turns.x - QUEUES)?;
        turn(f, turns, self.to)
    }
}

/// Leaves and arrives level.
fn curve(f: &mut fmt::Formatter<'_>, from: Point, to: Point) -> fmt::Result {
    let (x, y) = (to.x - from.x, to.y - from.y);
    write!(f, "q{} 0 {} {}t{} {}", x / 4, x / 2, y / 2, x - x / 2, y - y / 2)
}

/// The same where there is little room: drawn in one, its end is level to a hair.
fn turn(f: &mut fmt::Formatter<'_>, from: Point, to: Point) -> fmt::Result {
    let (x, y) = (to.x - from.x, to.y - from.y);
    write!(f, "c{0} 0 {0} {y} {x} {y}", x / 2)
}

/// Lines below a line, each with its height.
fn below(y: i32, lines: Vec<String>) -> Vec<(i32, String)> {
    (1..).zip(lines).map(|(number, line)| (y + number * LEADING, line)).collect()
}

/// In lines of at most so many letters, as far as its words allow.
fn wrapped(text: &str, most: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= most => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// As many queues as the services have, and fewer and more than any will have.
    const COUNTS: &[[usize; 7]] =
        &[[3, 8, 10, 10, 7, 12, 6], [0, 0, 0, 0, 0, 0, 0], [1, 4, 13, 40, 7, 8, 30]];

    fn drawings() -> impl Iterator<Item = Drawing> {
        COUNTS.iter().map(|counts| {
            let services = counts.iter().map(|queues| ServiceView::example(*queues));
            Drawing::of(services.collect(), "a copy for each listener")
        })
    }

    impl Rect {
        fn lies_on(&self, other: &Self) -> bool {
            self.x < other.right()
                && other.x < self.right()
                && self.y < other.bottom()
                && other.y < self.bottom()
        }

        fn holds(&self, other: &Self) -> bool {
            self.x <= other.x
                && self.y <= other.y
                && other.right() <= self.right()
                && other.bottom() <= self.bottom()
        }
    }

    impl Cylinder {
        fn rect(&self) -> Rect {
            let (width, height) = CYLINDER;
            Rect { x: self.at.x, y: self.at.y - height / 2, width, height }
        }
    }

    fn assert_apart(rects: &[Rect]) {
        for (number, one) in rects.iter().enumerate() {
            for other in &rects[..number] {
                assert!(!one.lies_on(other), "{one:?} lies on {other:?}");
            }
        }
    }

    #[test]
    fn everything_is_in_the_picture_and_nothing_lies_on_another() {
        for drawing in drawings() {
            let whole = Rect { x: 0, y: 0, width: WIDTH, height: drawing.height };
            let boxes = drawing.lanes.iter().flat_map(|lane| [lane.outbox, lane.group]);
            let rects: Vec<Rect> = boxes.chain([drawing.exchange]).collect();
            for rect in &rects {
                assert!(whole.holds(rect), "{rect:?}");
            }
            assert_apart(&rects);
        }
    }

    #[test]
    fn queues_lie_within_their_service_and_beside_its_name() {
        for lane in drawings().flat_map(|drawing| drawing.lanes) {
            let rects: Vec<Rect> = lane.queues.iter().map(Cylinder::rect).collect();
            let room = Rect { width: NAMES - GROUP.x, ..lane.group };
            for rect in &rects {
                assert!(room.holds(rect), "{rect:?} is not within {room:?}");
            }
            assert_apart(&rects);
            let (lowest, _) = lane.caption.last().unwrap();
            assert!(lane.name_y > lane.group.y + 10 && lowest + 3 < lane.group.bottom());
        }
    }

    #[test]
    fn lines_go_from_edge_to_edge() {
        for drawing in drawings() {
            let exchange = drawing.exchange;
            let is_beside = |y: i32| exchange.y < y && y < exchange.bottom();
            for lane in &drawing.lanes {
                assert_eq!(lane.says.from, lane.outbox.right_at(lane.outbox.middle()));
                assert!(lane.says.to.x == exchange.x && is_beside(lane.says.to.y));
                for queue in &lane.queues {
                    let line = queue.line;
                    assert!(line.from.x == exchange.right() && is_beside(line.from.y), "{line:?}");
                    assert_eq!(line.to, queue.at);
                }
            }
        }
    }

    #[test]
    fn a_line_passes_between_the_queues_and_crosses_no_other() {
        for drawing in drawings() {
            let lanes = drawing.lanes.iter();
            let queues: Vec<&Cylinder> = lanes.flat_map(|lane| &lane.queues).collect();
            for gap in queues.iter().filter_map(|queue| queue.line.gap) {
                for rect in queues.iter().map(|queue| queue.rect()) {
                    assert!(gap < rect.y || gap > rect.bottom(), "{gap} is within {rect:?}");
                }
            }
            let lines = queues.iter().map(|queue| queue.line);
            let mut ends: Vec<(i32, i32)> =
                lines.map(|line| (line.from.y, line.gap.unwrap_or(line.to.y))).collect();
            ends.sort_unstable();
            assert!(ends.is_sorted_by_key(|(_, arrives)| *arrives), "{ends:?}");
        }
    }

    #[test]
    fn a_line_is_written_as_a_path() {
        let (from, to) = (Point { x: 342, y: 200 }, Point { x: 454, y: 100 });
        let line = Line { from, to, gap: None, origin: to };
        assert_eq!(line.to_string(), "M-112 100q28 0 56 -50t56 -50");
        let to = Point { x: 624, y: 100 };
        let line = Line { from, to, gap: Some(87), origin: to };
        assert_eq!(line.to_string(), "M-282 100q28 0 56 -56t56 -57h156c7 0 7 13 14 13");
    }

    #[test]
    fn captions_are_broken_between_words() {
        assert_eq!(wrapped("accounts, roles, signing in", 20), ["accounts, roles,", "signing in"]);
        assert_eq!(wrapped("une copie à chacun", 11), ["une copie à", "chacun"]);
        assert_eq!(wrapped("certificates", 5), ["certificates"]);
    }
}
