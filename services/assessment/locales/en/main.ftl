quiz-facts = { $count ->
    [one] { $count } question.
   *[other] { $count } questions.
} You pass with { $percent }% of the marks.
quiz-limit = { $count ->
    [one] You have one attempt.
   *[other] You have { $count } attempts.
}
quiz-start = Start the quiz
quiz-resume = Go on with the quiz
quiz-again = Try again
quiz-used-up = You have used all your attempts.
quiz-attempts = Your attempts
to-course = The course
to-learning = My learning

attempt-number = Attempt { $number }
attempt-in-progress = in progress
attempt-submitted = being graded
attempt-awaiting = waiting for a teacher’s marks
attempt-graded = graded
attempt-passed = passed
attempt-failed = not passed
attempt-errors = Some answers could not be saved
attempt-reload = Look again
attempt-back = Back to the quiz
attempt-save = Save
attempt-submit = Submit
attempt-submit-hint = Save as often as you like. Once submitted, answers cannot change.

question-number = Question { $number }
answer-true = True
answer-false = False
answer-none = Choose…
marks = { $mark } / { $outof }

result-submitted = Your attempt is submitted and is being graded. It takes a moment.
result-awaiting = A teacher has to mark part of this attempt. You will be told when it is done.
result-passed = Passed: { $marks } ({ $percent }).
result-failed = Not passed: { $marks } ({ $percent }).

verdict-right = Right
verdict-partly = Partly right
verdict-wrong = Wrong
verdict-unanswered = Not answered
verdict-awaits-marking = Waiting for a teacher’s mark
