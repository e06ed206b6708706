//! The colour of a course: the same on every page of every service, so that one knows it again at a glance.
//! It decorates, and says nothing that does not stand beside it in words.

use event::CourseId;

const TINTS: [&str; 6] = ["tint-1", "tint-2", "tint-3", "tint-4", "tint-5", "tint-6"];

/// The class that gives an element of class `tinted` the colour of a course.
#[must_use]
pub fn tint(course: CourseId) -> &'static str {
    // The last byte is random in every kind of id that a course may have.
    TINTS[usize::from(course.0.as_bytes()[15]) % TINTS.len()]
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn every_colour_is_some_course_s_and_in_the_style_sheet() {
        let style = include_str!("../assets/estrade.css");
        let course = |last: u8| format!("{last:032x}").parse().unwrap();
        let classes: Vec<_> = (0..=u8::MAX).map(|last| tint(course(last))).collect();
        for class in TINTS {
            assert!(classes.contains(&class), "{class}");
            assert!(style.contains(&format!(".{class} ")), "{class}");
        }
    }
}
