// The entry of the widget, in the shape anywidget wants. The order of the style sheets counts: views build on the first,
// and the last has the last word.
import "./styles/index.css";
import type { Model } from "./transport/model.ts";
import { mount } from "./views/shell/app.tsx";
import "./styles/words.css";

export default {
  render({ model, el }: { model: Model; el: HTMLElement }): () => void {
    return mount(model, el);
  },
};
