// Everything below makes pages quicker to use; without it links and forms do the same.
import "./pictures.js";
import "./shelves.js";
import "./forms.js";
import { watch } from "./slates.js";
import { startFacetSearch } from "./facet-search.js";
import { startResults } from "./results.js";
import { startSearchBox } from "./search-box.js";

startResults();
startFacetSearch();
startSearchBox();
watch(document);
