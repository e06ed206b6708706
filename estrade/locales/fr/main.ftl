# À quoi servent les services
service-identity = comptes, rôles, connexion
service-catalog = cours et leçons
service-learning = inscriptions et progression
service-assessment = quiz et notes
service-certification = certificats
service-notification = courriels, push, messages
service-insight = recherche et historiques

# Durées et débits
age-seconds = { $count } s
age-minutes = { $count } min
age-hours = { $count } h
age-days = { $count ->
    [one] { $count } jour
   *[other] { $count } jours
}
age-about = environ { $age }
age-unknown = inconnu
rate = { $count }/s

# États
state-well = Tout va bien
state-retrying = Nouvel essai
state-behind = En retard
state-dead = Messages morts en attente
state-silent = Pas de réponse

# Les pages côte à côte
tabs = Supervision
tab-overview = Files
tab-dead = Messages morts
tab-people = Une personne
tab-copies = Copies
tab-picture = Tableau animé
tab-health = Diagnostic

# Colonnes
column-service = Service
column-purpose = À quoi il sert
column-state = État
column-handler = Traitement
column-effect = Tâche externe
column-job = Tâche
column-waiting = En attente
column-in-hand = En cours
column-oldest = Plus ancien
column-rate = Débit
column-retrying = Réessayés
column-dead = Morts
column-outbox = À envoyer
column-lag = Retard
column-letter = Message
column-died = Abandonné
column-decided = Décidé
column-reason = Motif
column-attempts = Essais
column-cause = Cause
column-kind = Copies de
column-follower = Tenues par
column-when = Comparées
column-compared = Nombre
column-found = Constat
column-repaired = Réparées
column-left = Restantes
column-part = Élément
column-sent = Envoyés en une minute
column-taken = Pris en une minute
column-queues = Files
column-event = Événement
column-since = Depuis
column-next = Prochain essai

# Vue d’ensemble
operations-title = Supervision
services-title = Services
service-elsewhere = Un autre processus s’en charge : suivez le lien.
service-title = Service { $service }
service-dead = { $count ->
    [one] Messages morts, d’une même cause
   *[other] Messages morts, de { $count } causes
}
service-copies = { $count ->
    [0] Il ne tient pas de copies ; d’autres en tiennent de ce qu’il possède.
    [one] Il tient des copies d’une seule sorte.
   *[other] Il tient des copies de { $count } sortes.
}
service-copies-link = Voir leur état
handlers-of = Traitements de { $service }
effects-of = Tâches externes de { $service }
transport-silent = Les files ne répondent pas. Ce qui est publié attend dans les boîtes d’envoi et partira à leur retour.
queues-silent = { $count ->
    [one] Une file ne répond pas : ce qui y attend est inconnu. Ce qui est publié pour elle attend dans les boîtes d’envoi et partira à son retour.
   *[other] { $count } files ne répondent pas : ce qui y attend est inconnu. Ce qui est publié pour elles attend dans les boîtes d’envoi et partira à leur retour.
}
explain-title = Le sens des colonnes
explain-waiting = Les événements de la file que personne n’a encore pris. Un point d’interrogation dit que la file ne répond pas.
explain-oldest = Depuis combien de temps le plus ancien attend. Au-delà d’une minute, le traitement est en retard.
explain-outbox = Les événements que le service a notés et que les files n’ont pas encore.
explain-retrying = Les événements qu’un traitement n’a pas pu prendre, et les tâches externes qui n’ont pas abouti. Tout est réessayé de soi-même, de plus en plus tard.
explain-dead = Les événements essayés trop souvent. Ils attendent qu’on les redonne ou qu’on les écarte.
retries-title = Ce qui attend un nouvel essai
retries-jobs = Tâches externes réessayées

# Messages morts
dead-title = Messages morts
dead-title-of = Messages morts de { $service }
dead-explained = Ce qui a été essayé trop souvent attend ici, classé par cause. Corrigez d’abord la cause, puis redonnez les messages au traitement qui les a abandonnés.
dead-none = Aucun message mort n’attend.
dead-none-of = Aucun message mort de { $services } n’attend.
dead-count = { $letters ->
    [one] { $letters } message
   *[other] { $letters } messages
}, { $people ->
    [0] ne concernant personne
    [one] concernant { $people } personne
   *[other] concernant { $people } personnes
}
dead-first = le premier le
dead-last = le dernier le
dead-show = Voir les messages
dead-show-of = Voir les messages de { $consumer }
dead-example = Le plus récent
dead-replay-group = Redonner
dead-discard-group = Écarter
dead-replay-all = Redonner tous ceux de ce service
dead-discard-all = Écarter tous ceux de ce service
dead-all = Messages morts de tous les services
settled-title = Messages sur lesquels il a été décidé
settled-title-of = Messages de { $service } sur lesquels il a été décidé
settled-explained = Ce qui a été redonné ou écarté, la décision la plus récente d’abord. On le garde un certain temps, en général quatre-vingt-dix jours.
settled-none = Aucune décision n’a encore été prise.
settled-none-of = Aucune décision n’a encore été prise pour { $services }.
settled-waiting = Messages qui attendent une décision
settled-by-command = sur la ligne de commande
dead-replayed = { $count ->
    [0] Aucun message n’est réessayé.
    [one] { $count } message est réessayé.
   *[other] { $count } messages sont réessayés.
}
dead-unreadable = { $count ->
    [one] { $count } message ne pourra jamais être lu et attend toujours : écartez-le.
   *[other] { $count } messages ne pourront jamais être lus et attendent toujours : écartez-les.
}
dead-nobody-there = { $count ->
    [one] Plus personne ne prend { $count } de ces messages, et il attend toujours : écartez-le.
   *[other] Plus personne ne prend { $count } de ces messages, et ils attendent toujours : écartez-les.
}
dead-discarded = { $count ->
    [0] Aucun message n’a été écarté.
    [one] { $count } message a été écarté. Le motif est conservé.
   *[other] { $count } messages ont été écartés. Le motif est conservé.
}
letters-title = Messages d’une même cause
letters-older = Messages plus anciens
letter-title = Un message mort
letter-waiting = Attend une décision
letter-replayed = A été redonné
letter-discarded = A été écarté
letter-by = qui a décidé
letter-reason = Motif :
letter-about = Objet
letter-id = Identifiant
letter-trace = Trace
letter-content = Contenu
letter-hidden = Les noms, adresses et textes des personnes sont masqués. Un administrateur qui est aussi exploitant les voit.
letter-bytes = { $count } octets qui ne forment pas un événement
letter-cut = Seul le début est affiché. Le tout se lit par l’API JSON, ou avec « estrade dead show ».
letter-replay = Redonner
letter-discard = Écarter

# Décider
decide-all = { $count ->
    [one] L’unique message de { $service }.
   *[other] Les { $count } messages de { $service }.
}
decide-group = { $count ->
    [one] Un message de { $service }, le seul de sa cause.
   *[other] { $count } messages de { $service } ayant la même cause.
}
decide-one = { $count ->
    [one] Un message de { $service }.
   *[other] Un événement abandonné par { $count } traitements de { $service }.
}
decide-back = Revenir sans rien décider
replay-title = Redonner des messages morts
replay-explained = Ils vont aux traitements qui les ont abandonnés, et à personne d’autre, avec tous leurs essais devant eux.
replay-rehearse = Essayer d’abord, à blanc
replay-rehearse-hint = Les traitements s’exécutent et tout ce qu’ils écrivent est annulé. Aucun courriel ne quitte la plateforme.
replay-button = Redonner
rehearsal-title = Ce qui se passerait
rehearsal-summary = Rien n’a été modifié. Sur { $count }, essayés à blanc : { $tried } ; passeraient : { $good }.
rehearsal-untried = { $count ->
    [one] Une tâche serait refaite, ce qui n’a pas été essayé.
   *[other] { $count } tâches seraient refaites, ce qui n’a pas été essayé.
}
rehearsal-succeeds = Réussirait
rehearsal-performed = Serait refait : pas essayé
rehearsal-fails = Échouerait encore
rehearsal-unreadable = Illisible à jamais
rehearsal-deadly = A fait tomber son processus à chaque fois : pas essayé ici
rehearsal-nobody = Plus personne ne le prend
rehearsal-rows = { $count ->
    [0] n’écrirait rien
    [one] écrirait { $count } ligne
   *[other] écrirait { $count } lignes
}
rehearsal-inserted = { $table } : { $count ->
    [one] { $count } ligne ajoutée
   *[other] { $count } lignes ajoutées
}
rehearsal-inserted-or-updated = { $table } : { $count ->
    [one] { $count } ligne ajoutée ou modifiée
   *[other] { $count } lignes ajoutées ou modifiées
}
rehearsal-updated = { $table } : { $count ->
    [one] { $count } ligne modifiée
   *[other] { $count } lignes modifiées
}
rehearsal-deleted = { $table } : { $count ->
    [one] { $count } ligne supprimée
   *[other] { $count } lignes supprimées
}
rehearsal-publishes = annoncerait { $event } ({ $count })
rehearsal-requests = demanderait { $effect } ({ $count })
discard-title = Écarter des messages morts
discard-explained = Ils sont écartés pour de bon : ce dont ils parlent n’est pas fait. Le motif est conservé avec eux, et qui l’a donné.
discard-reason = Motif
discard-reason-hint = Celui qui regardera plus tard voudra savoir. 2 000 caractères au plus.
discard-reason-wrong = Donnez un motif, en 2 000 caractères au plus.
discard-button = Écarter

# Une personne
people-title = Ce qu’il est advenu pour une personne
people-explained = Tout ce qui est arrivé à quelqu’un dans l’ensemble des services et, pour chaque chose qui n’est pas arrivée, pourquoi.
people-words = Nom, adresse électronique ou identifiant
people-id = Identifiant du compte
people-button = Chercher
people-none = Personne ne porte ce nom, cette adresse ou cet identifiant.
people-elsewhere = Les comptes se cherchent dans le processus d’identity. Ici, donnez l’identifiant d’un compte.
people-found = { $count ->
    [one] { $count } personne
   *[other] { $count } personnes
}
timeline-title = Historique d’une personne
timeline-no-account = Pas de compte : effacé, ou jamais ouvert ici.
timeline-account-elsewhere = Le compte est connu du processus d’identity.
timeline-next = prochain essai le
timeline-letter = voir le message mort
timeline-nothing = Rien ne figure ici sur cette personne.
timeline-whole = L’historique dans l’ensemble des services
colon = {" : "}
came-waiting = En attente
came-not = Pas fait
came-uncertain = Incertain
came-dead = Abandonné
came-count-done = { $count ->
    [one] { $count } fait
   *[other] { $count } faits
}
came-count-waiting = { $count } en attente
came-count-not = { $count ->
    [one] { $count } pas fait
   *[other] { $count } pas faits
}
came-count-uncertain = { $count ->
    [one] { $count } incertain
   *[other] { $count } incertains
}
came-count-dead = { $count ->
    [one] { $count } abandonné
   *[other] { $count } abandonnés
}

# Les lignes de l’historique, aussi sur la ligne de commande
timeline-message = { $about }, { $channel }
timeline-message-of = { $about } (« { $course } »), { $channel }
timeline-about-enrolment = Message sur une inscription
timeline-about-lesson = Message sur une nouvelle leçon
timeline-about-mark = Message sur une note
timeline-about-certificate = Message avec un certificat
timeline-about-revocation = Message sur un certificat qui n’est plus valable
timeline-about-essays = Message sur des rédactions à noter
timeline-about-other = Message « { $kind } »
timeline-by-mail = par courriel
timeline-by-push = par push
timeline-to-inbox = dans la messagerie
timeline-sent = { $what } : envoyé
timeline-not-sent = { $what } : non envoyé
timeline-not-sent-yet = { $what } : pas encore envoyé
timeline-perhaps-sent = { $what } : peut-être envoyé
timeline-why-preference = la personne n’en veut pas (préférence)
timeline-why-no-device = aucun appareil de la personne n’est enregistré pour le push
timeline-why-erased = le compte a été effacé
timeline-why-on-purpose = volontairement
timeline-why-quiet-hours = attend la fin des heures calmes
timeline-why-no-job = plus aucune tâche ne s’en charge : lancez `estrade doctor`
timeline-why-later = c’est pour plus tard
timeline-why-unsent = les files ne l’ont pas encore
timeline-why-at-work = quelqu’un s’en occupe
timeline-why-its-turn = attend son tour
timeline-remedy-uncertain = rien n’est renvoyé de soi-même : demandez à la personne
timeline-remedy-refused = refusé pour de bon, sans nouvel essai : l’adresse n’existe peut-être plus
timeline-remedy-unsent = vérifiez que { $service } fonctionne et que les files sont là : `estrade doctor`
timeline-remedy-dead = message mort { $id } du groupe { $group } : corrigez la cause, puis `estrade dead replay { $id }`
timeline-discarded = abandonné : { $reason } ({ $why })
timeline-untold = { $event } pas encore annoncé
timeline-untaken-yet = { $event } pas encore pris par { $handler }
timeline-untaken = { $event } non pris par { $handler }
timeline-undone-yet = { $effect } { $key } pas encore fait
timeline-undone = { $effect } { $key } non fait
timeline-after = après { $count ->
    [one] { $count } essai
   *[other] { $count } essais
} : { $cause }

# Copies
copies-title = Copies
copies-title-of = Copies : { $service }
copies-explained = Chaque service garde sa propre copie de ce qu’il lui faut d’un autre. Toutes les six heures, les copies sont comparées à leurs originaux, et ce qui diffère est réparé de soi-même. Vous voyez ici le constat de la dernière comparaison de chacun, et pouvez en lancer une.
copies-last = La dernière comparaison de chacun
copies-never = Pas encore comparées
copies-in-step = À jour
copies-under-way = En cours
copies-drift = { $count ->
    [one] { $count } différait
   *[other] { $count } différaient
}
copies-missing = { $count ->
    [one] { $count } manquante
   *[other] { $count } manquantes
}
copies-older = { $count ->
    [one] { $count } plus ancienne
   *[other] { $count } plus anciennes
}
copies-differing = { $count ->
    [one] { $count } différente
   *[other] { $count } différentes
}
copies-newer = { $count ->
    [one] { $count } plus récente
   *[other] { $count } plus récentes
}
copies-surplus = { $count } en trop
copies-none = Aucune copie n’est tenue ici.
copies-owners = Ses copies sont comparées quand leurs propriétaires le lancent, d’eux-mêmes ou sur ces pages :
copies-all = Copies de tous les services
copies-ask = Tout faire renvoyer
copies-ask-hint = Les propriétaires envoient leur état présent à ce seul service. Personne n’est averti deux fois.
copies-asked = C’est demandé. Les propriétaires envoient ce qu’ils ont ; cela apparaît sous « En attente », puis est pris.
repair-button = Comparer et réparer maintenant
repair-began = commencé
repair-ended = terminé
repair-details = Ligne par ligne
repair-under-way = Les copies sont comparées et réparées. Cette page le dira quand ce sera fini.
repair-broken-off = La réparation s’est interrompue. La raison est dans le journal ; réessayez.
repair-nothing = Toutes les copies sont à jour. Il n’y avait rien à réparer.
repair-done = { $count ->
    [one] { $count } copie a été réparée. Toutes sont à jour.
   *[other] { $count } copies ont été réparées. Toutes sont à jour.
}
repair-here = { $count ->
    [0] Tout ce qui a été comparé ici est à jour.
    [one] { $count } copie a été réparée. Tout ce qui a été comparé ici est à jour.
   *[other] { $count } copies ont été réparées. Tout ce qui a été comparé ici est à jour.
}
repair-asked = Ceux qui tiennent des copies dans un autre processus ont été priés de les comparer et de faire réparer ce qui diffère. Leur constat figure sur leurs propres pages, ci-dessous.
repair-of = De ce que possède { $service }
repair-left = { $count ->
    [0] Certains n’ont pas répondu à temps. Voyez ce qui attend dans leurs files.
    [one] { $count } copie diffère encore. Voyez parmi les messages morts ce qui n’a pu être pris.
   *[other] { $count } copies diffèrent encore. Voyez parmi les messages morts ce qui n’a pu être pris.
}
repair-no-answer = pas de réponse

# Diagnostic
health-title = Diagnostic
health-explained = Ce que trouve la commande « estrade doctor » : il examine ce dont la plateforme a besoin et dit que faire là où cela manque.
health-summary = { $count ->
    [0] Tout va bien.
    [one] { $count } point demande votre attention.
   *[other] { $count } points demandent votre attention.
}
health-examined = Examinée
health-under-way = La plateforme est en cours d’examen. Ce qui est trouvé apparaîtra ici.
health-broken-off = L’examen s’est interrompu. La raison est dans le journal ; examinez à nouveau.
health-again = Examiner à nouveau
health-ok = Bien
health-warning = À voir
health-failed = Mauvais

# Le tableau animé
picture-title = Les événements en chemin
picture-explained = Aucun service n’en appelle jamais un autre. Un service qui a quelque chose à dire le note avec ses propres données et le remet à l’échangeur ; l’échangeur en met une copie dans chaque file qui la veut. Chaque service prend dans ses files à son rythme.
picture-description = À gauche, chaque service avec sa boîte d’envoi ; au milieu, l’échangeur ; à droite, chaque service avec ses files. Une ligne mène de chaque boîte d’envoi à l’échangeur, et une autre de l’échangeur à chaque file ; les événements les suivent. Le tableau ci-dessous dit la même chose.
picture-caption = Ce qui bouge ici bouge vraiment : { $transport }.
picture-outboxes = La boîte d’envoi de chacun
picture-exchange = Échangeur
picture-exchange-words = une copie à chacun
picture-queues = Les files, une par traitement, avec ce qui attend
picture-services = Qui prend
picture-to-send = { $count ->
    [0] rien à envoyer
   *[other] { $count } à envoyer
}
picture-key-event = Un événement, de la couleur du service qui le dit
picture-key-queue = Une file et ce qui attend
picture-key-waits = Quelque chose attend
picture-key-dead = Messages morts (▲ combien)
picture-key-elsewhere = Traits interrompus : un autre processus s’occupe du service.
picture-pause = Pause
picture-slow = Ralenti
picture-present = Plein écran
picture-idle = Rien ne bouge pour le moment. Inscrivez-vous à un cours, lisez une leçon ou rendez un quiz dans une autre fenêtre, et regardez.
picture-table = La même chose en tableau
picture-moves = Les derniers mouvements
picture-quiet = Rien n’a bougé depuis un moment.
move-sent = { $by } dit { $event }{ $count ->
    [one] {""}
   *[other] {" "}({ $count } fois)
}
move-taken = { $by } prend { $event }{ $count ->
    [one] {""}
   *[other] {" "}({ $count } fois)
}

# Ce que trouve le diagnostic, aussi sur la ligne de commande
doctor-data-folder = dossier des données
doctor-mail-folder = dossier des courriels
doctor-writable = { $what } : on peut écrire dans { $path }
doctor-not-writable = { $what } : impossible d’écrire dans { $path } : { $error }
doctor-not-writable-remedy = donnez avec --data un dossier où l’on peut écrire, ou faites de la place sur le disque
doctor-room = { $megabytes } Mo libres ({ $percent } %)
doctor-room-full = faites de la place tout de suite : une base qui ne peut grandir refuse chaque requête et chaque événement
doctor-room-little = faites de la place, ou déplacez --data sur un disque plus grand
doctor-room-unknown = la place restante dans { $path } est inconnue : { $error }
doctor-room-unknown-remedy = regardez avec `df`
doctor-key-reads = la clé qui scelle les sessions se lit
doctor-key-wrong = la clé qui scelle les sessions ne se lit pas : { $error }
doctor-key-remedy = restaurez data/secret.key d’une sauvegarde, ou donnez `secret` ; une nouvelle clé déconnecte tout le monde
doctor-mails-to-folder = les courriels sont écrits en fichiers .eml et non envoyés ; donnez mail.smtp pour les envoyer
doctor-mail-greets = { $server } salue et nous laisse entrer
doctor-mail-remedy = vérifiez mail.smtp (hôte, port, utilisateur, mot de passe, TLS), et certificate_authorities si son certificat n’est pas reconnu ; entre-temps, les courriels attendent et sont réessayés
doctor-database-remedy = vérifiez --database, que PostgreSQL est en marche, et que l’utilisateur peut se connecter
doctor-schema-complete = { $service } : { $server }, { $count } migrations appliquées, aucune ne manque
doctor-schema-absent = { $service } : { $server }, vide : le premier `estrade serve` la crée
doctor-schema-behind = { $service } : pas encore appliquées : { $steps }
doctor-schema-behind-remedy = lancez `estrade serve` de cette version : il les applique
doctor-schema-ahead = { $service } : une version plus récente a appliqué { $steps }
doctor-schema-ahead-remedy = lancez cette version-là, ou restaurez la sauvegarde faite avant elle
doctor-clock-one = une machine, une horloge
doctor-clock-off = l’horloge de PostgreSQL et celle de cette machine diffèrent de { $milliseconds } ms
doctor-clock-remedy = réglez les deux par NTP : les baux et les échéances se comparent à l’heure
doctor-unreadable = { $service } : illisible : { $error }
doctor-unreadable-remedy = vérifiez le disque, et restaurez la dernière sauvegarde si le fichier est abîmé
doctor-outbox = { $name } : { $count ->
    [one] { $count } événement non envoyé
   *[other] { $count } événements non envoyés
}, le plus ancien depuis { $age }
doctor-outbox-remedy = vérifiez que `estrade serve { $service }` tourne et atteint les files
doctor-retries = { $name } : { $count ->
    [one] { $count } événement réessayé
   *[other] { $count } événements réessayés
}, le plus ancien depuis { $age }
doctor-retries-remedy = cherchez pourquoi avec `estrade queues` et le journal ; ce qui est essayé trop souvent devient un message mort
doctor-dead = { $name } : { $count ->
    [one] { $count } message mort
   *[other] { $count } messages morts
}, le plus ancien depuis { $age }
doctor-dead-remedy = regardez-les avec `estrade dead list`, puis redonnez-les ou écartez-les
doctor-jobs = { $name } : { $count ->
    [one] { $count } tâche non faite, due
   *[other] { $count } tâches non faites, la plus ancienne due
} depuis { $age }
doctor-failing = { $name } : { $count ->
    [one] { $count } tâche a échoué et est réessayée
   *[other] { $count } tâches ont échoué et sont réessayées
}, jusqu’à { $attempts } fois pour l’instant
doctor-jobs-remedy = vérifiez que `estrade serve { $service }` tourne ; `estrade queues` et son journal disent pourquoi une tâche ne passe pas (un serveur de courriel qui remet à plus tard, un dossier où l’on ne peut écrire)
doctor-orphan = { $name } : cette version n’a plus de traitement ni de tâche externe de ce nom, et personne ne prend ce qu’il en reste (dans sa file : { $ready } ; à réessayer ou à faire : { $waiting })
doctor-orphan-remedy = si aucune version antérieure ne tourne plus, `estrade queues --forget { $name }` supprime sa file et fait de ce qui attend des messages morts
doctor-drift = { $service } : il y a { $age }, { $count } des { $compared } copies de { $kind } n’étaient pas celles du propriétaire
doctor-drift-remedy = ce qui différait a été redemandé aussitôt ; vérifiez avec `estrade reconcile` que tout est en phase
doctor-days = { $count ->
    [one] { $count } jour
   *[other] { $count } jours
}
doctor-hours = { $count ->
    [one] { $count } heure
   *[other] { $count } heures
}
doctor-minutes = { $count ->
    [one] { $count } minute
   *[other] { $count } minutes
}
doctor-front-ready = la plateforme à { $address } est prête
doctor-front-not-ready = la plateforme à { $address } n’est pas prête ({ $status }) : { $parts }
doctor-front-not-ready-remedy = voyez ce qui est dit ici de ces parties, et le journal de ce processus
doctor-front-stranger = quelque chose répond à { $address } (statut { $status } pour /health/ready), mais pas comme une plateforme
doctor-front-stranger-remedy = faites mener /health/ready à un service par le mandataire inverse, ou vérifiez que rien d’autre n’écoute là
doctor-front-default = rien ne répond à { $address }, l’adresse par défaut : aucune plateforme ne tourne ici, ou elle écoute ailleurs
doctor-front-nothing = rien ne répond à { $address } : { $cause }
doctor-front-nothing-remedy = vérifiez que `estrade serve` et le mandataire inverse tournent, et que base_url (ou listen) est juste ; cette machine aussi doit atteindre cette adresse
doctor-queue-absent = la file embarquée n’existe pas encore : le premier `estrade serve` la crée
doctor-blocked-remedy = faites-y de la place ; d’ici là, les événements attendent dans les boîtes d’envoi
doctor-unreachable-remedy = vérifiez --broker et que RabbitMQ est en marche ; d’ici là, les événements attendent dans les boîtes d’envoi
doctor-answers = { $place } répond
doctor-answers-version = { $place } répond, version { $version }
doctor-version-remedy = prenez RabbitMQ 3.10 ou plus récent : aux plus anciens il manque ce dont on a besoin
doctor-queues = { $count } files comme déclarées
doctor-queues-none = aucune des { $count } files n’existe
doctor-queues-missing = manquantes : { $queues }
doctor-queues-remedy = lancez `estrade serve` : il les déclare ; ce qui est publié avant ne va nulle part
doctor-bindings = que les files soient liées à leurs événements n’a pas été vérifié : AMQP ne sait pas lister les liaisons
doctor-bindings-cause = que les files soient liées à leurs événements n’a pas été vérifié : { $cause }
doctor-bindings-remedy = donnez dans `broker_management` l’adresse de l’API de gestion de RabbitMQ, ou regardez avec `rabbitmqctl list_bindings -p VHOST` et comparez à `estrade events` ; le prochain démarrage de n’importe quel service relie ce qui manque
doctor-untaken = { $queue } : { $count ->
    [one] { $count } événement attend
   *[other] { $count } événements attendent
}, et personne ne prend dans cette file
doctor-waits-long = { $queue } : { $count ->
    [one] { $count } événement attend
   *[other] { $count } événements attendent, le plus ancien
} depuis { $age }
doctor-untaken-remedy = lancez `estrade serve { $service }` ; s’il tourne, son journal dit pourquoi il ne prend rien
doctor-queue-bound-remedy = relancez `estrade serve` : il relie ce qui manque, et la file embarquée délie ce qui est de trop ; sur RabbitMQ, déliez-le à la main quand aucune version antérieure ne tourne plus
doctor-queue-different-remedy = arrêtez les services, vérifiez que la file est vide, supprimez-la, et relancez-les
doctor-queue-silent-remedy = vérifiez que la plupart des nœuds sont en marche ; ses événements attendent dans les boîtes d’envoi
doctor-kept = { $queue } garde { $count } messages : { $meaning }
doctor-kept-remedy = voyez lesquels avec les outils du broker ; `estrade resend` redit à un service ce qui lui manque
doctor-kept-absent-remedy = lancez `estrade serve` : il la déclare
doctor-empty = { $queue } est vide
