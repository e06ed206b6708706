//! `estrade routes`: which service answers which paths. The longest prefix that fits decides.

use crate::{Verdict, cli::ServiceName};

/// Every path prefix of the platform, with its service.
pub(crate) const TABLE: &[(&str, ServiceName)] = &[
    ("/api/v1/people", ServiceName::Identity),
    ("/api/v1/tokens", ServiceName::Identity),
    ("/api/v1/me", ServiceName::Identity),
    ("/register", ServiceName::Identity),
    ("/sign-in", ServiceName::Identity),
    ("/sign-out", ServiceName::Identity),
    ("/account", ServiceName::Identity),
    ("/assets", ServiceName::Identity),
    ("/api/v1/invitations", ServiceName::Identity),
    ("/api/v1/organisation", ServiceName::Identity),
    ("/forgotten-password", ServiceName::Identity),
    ("/new-password", ServiceName::Identity),
    ("/people", ServiceName::Identity),
    ("/invitations", ServiceName::Identity),
    ("/invitation", ServiceName::Identity),
    ("/organisation", ServiceName::Identity),
    ("/legal", ServiceName::Identity),
    ("/api/v1/courses", ServiceName::Catalog),
    ("/courses", ServiceName::Catalog),
    ("/teaching", ServiceName::Catalog),
    ("/", ServiceName::Catalog),
    ("/api/v1/enrolments", ServiceName::Learning),
    ("/api/v1/enrolment-uploads", ServiceName::Learning),
    ("/api/v1/rosters", ServiceName::Learning),
    ("/learning", ServiceName::Learning),
    ("/roster", ServiceName::Learning),
    ("/enrolments", ServiceName::Learning),
    ("/api/v1/quizzes", ServiceName::Assessment),
    ("/api/v1/attempts", ServiceName::Assessment),
    ("/api/v1/marking", ServiceName::Assessment),
    ("/quizzes", ServiceName::Assessment),
    ("/attempts", ServiceName::Assessment),
    ("/question-bank", ServiceName::Assessment),
    ("/marking", ServiceName::Assessment),
    ("/results", ServiceName::Assessment),
    ("/api/v1/certificates", ServiceName::Certification),
    ("/certificates", ServiceName::Certification),
    ("/verify", ServiceName::Certification),
    ("/issued", ServiceName::Certification),
    ("/designs", ServiceName::Certification),
    ("/api/v1/me/inbox", ServiceName::Notification),
    ("/api/v1/me/devices", ServiceName::Notification),
    ("/api/v1/me/deliveries", ServiceName::Notification),
    ("/api/v1/me/notification-preferences", ServiceName::Notification),
    ("/api/v1/me/quiet-hours", ServiceName::Notification),
    ("/api/v1/push-key", ServiceName::Notification),
    ("/inbox", ServiceName::Notification),
    ("/account/notifications", ServiceName::Notification),
    ("/account/devices", ServiceName::Notification),
    ("/account/deliveries", ServiceName::Notification),
    ("/notifications", ServiceName::Notification),
    ("/api/v1/search", ServiceName::Insight),
    ("/api/v1/timelines", ServiceName::Insight),
    ("/search", ServiceName::Insight),
    ("/timeline", ServiceName::Insight),
    ("/operations", ServiceName::Identity),
    ("/operations/identity", ServiceName::Identity),
    ("/operations/catalog", ServiceName::Catalog),
    ("/operations/learning", ServiceName::Learning),
    ("/operations/assessment", ServiceName::Assessment),
    ("/operations/certification", ServiceName::Certification),
    ("/operations/notification", ServiceName::Notification),
    ("/operations/insight", ServiceName::Insight),
    ("/api/v1/operations/identity", ServiceName::Identity),
    ("/api/v1/operations/catalog", ServiceName::Catalog),
    ("/api/v1/operations/learning", ServiceName::Learning),
    ("/api/v1/operations/assessment", ServiceName::Assessment),
    ("/api/v1/operations/certification", ServiceName::Certification),
    ("/api/v1/operations/notification", ServiceName::Notification),
    ("/api/v1/operations/insight", ServiceName::Insight),
];

pub(crate) fn print() -> Verdict {
    println!("# The longest prefix that fits decides.");
    for (prefix, service) in TABLE {
        println!("{prefix:<40} {}", service.name());
    }
    Verdict::Well
}

/// The service that answers a path.
pub(crate) fn service_of(path: &str) -> ServiceName {
    TABLE
        .iter()
        .filter(|(prefix, _)| fits(path, prefix))
        .max_by_key(|(prefix, _)| prefix.len())
        .map_or(ServiceName::Catalog, |(_, service)| *service)
}

fn fits(path: &str, prefix: &str) -> bool {
    path.strip_prefix(prefix.trim_end_matches('/'))
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_prefix_decides() {
        assert_eq!(service_of("/api/v1/me"), ServiceName::Identity);
        assert_eq!(service_of("/api/v1/me/inbox"), ServiceName::Notification);
        assert_eq!(service_of("/api/v1/menus"), ServiceName::Catalog);
        assert_eq!(service_of("/"), ServiceName::Catalog);
        assert_eq!(service_of("/verify/7KQ2"), ServiceName::Certification);
        assert_eq!(service_of("/operations/dead"), ServiceName::Identity);
        assert_eq!(service_of("/operations/dead/settled"), ServiceName::Identity);
        assert_eq!(service_of("/operations/learning/dead"), ServiceName::Learning);
        assert_eq!(service_of("/operations/catalog/copies/repair"), ServiceName::Catalog);
    }
}
