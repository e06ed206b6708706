courses-title = Formations
courses-language = Langue des formations
courses-all = Toutes
courses-none = Aucune formation n'est encore publiée ici.
courses-more = D'autres formations
courses-search = Chercher dans les formations et les leçons
courses-search-button = Chercher
minutes = { $count ->
    [one] { $count } minute
   *[other] { $count } minutes
}
course-enrol = S'inscrire
course-mine = Mes formations
course-objectives = Ce que vous saurez faire
course-outline = Plan
course-end = Pour finir
optional = (facultatif)
quiz = Quiz, réussi à partir de { $percent } %
lesson-read = Marquer comme lue
lesson-read-on = Marquer comme lue et continuer
lesson-sign-in = Se connecter pour suivre sa progression
lesson-neighbours = Leçons voisines
lesson-previous = Précédente :
lesson-next = Suivante :
