courses-title = Courses
courses-language = Language of the courses
courses-all = All
courses-none = No course is published here yet.
courses-more = More courses
courses-search = Search courses and lessons
courses-search-button = Search
minutes = { $count ->
    [one] { $count } minute
   *[other] { $count } minutes
}
course-enrol = Enrol
course-mine = My learning
course-objectives = What you will be able to do
course-outline = Outline
course-end = At the end
optional = (optional)
quiz = Quiz, passed with { $percent }%
lesson-read = Mark as read
lesson-read-on = Mark as read and go on
lesson-sign-in = Sign in to keep track of what you have read
lesson-neighbours = Lessons before and after
lesson-previous = Previous:
lesson-next = Next:
