// The entry of the widget, in the shape anywidget wants.
import type { Model } from "./transport/model.ts";
import { mount } from "./views/shell/app.tsx";
import "./styles/index.css";

export default {
  render({ model, el }: { model: Model; el: HTMLElement }): () => void {
    return mount(model, el);
  },
};
