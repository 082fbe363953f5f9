// Every page of the admin. Each module wires one behaviour; a page without script works too.

import { wireCells } from "./cell.js";
import { wireDialogs } from "./dialogs.js";
import { wireFiles } from "./files.js";
import { wireFolding } from "./folding.js";
import { wireGallery } from "./gallery.js";
import { wireKeys } from "./keys.js";
import { wireLines } from "./lines.js";
import { wirePartials } from "./partials.js";
import { wirePlace } from "./place.js";
import { wirePopovers } from "./popovers.js";
import { wireReveal } from "./reveal.js";
import { wireRowMenu } from "./row_menu.js";
import { wireSelection } from "./selection.js";
import { wireToasts } from "./toasts.js";
import { wireTour } from "./tour.js";
import { wireUnsaved } from "./unsaved.js";

document.documentElement.classList.add("js");
wirePartials();
wirePopovers();
wireDialogs();
wireRowMenu();
wireCells();
wireSelection();
wireLines();
wireUnsaved();
wireFiles();
wireFolding();
wireGallery();
wireKeys();
wireToasts();
wireTour();
wireReveal();
wirePlace();
