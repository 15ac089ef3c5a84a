// Everything works without this: it only makes some of the Design System's parts more comfortable.
import { initAll } from "./GOVUK_FRONTEND";

document.body.classList.add("js-enabled", "govuk-frontend-supported");
initAll();
