// esbuild gathers every imported style sheet into widget.css.
declare module "*.css";
