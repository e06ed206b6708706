// All of it, in one process with one Chromium: `estrade/tests/it/browser/mod.rs` starts it.

import './screens.mjs';
import './everyone.mjs';
import './learner.mjs';
import './account.mjs';
import './devices.mjs';
import './windows.mjs';
import './instructor.mjs';
import './administrator.mjs';
import './operator.mjs';
import './keyboard.mjs';
import './pages.mjs';
import './repair.mjs';
