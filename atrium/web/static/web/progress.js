/* <job-progress job-id="…" [src="…"]>: how far a job is.

   Holds <progress>, [data-note] and [data-count]; live:job.progress {job, done, total, note} moves
   them. When the job has ended (live:job.ended {job, state, error}) it takes the state as attribute,
   shows the error, and dispatches job:ended. With `src` it is replaced by that fragment then, and
   whenever the stream says that it is ready, so that nothing is missed. */
class JobProgress extends HTMLElement {
  connectedCallback() {
    this.job = this.getAttribute("job-id");
    this.listeners = {
      "live:job.progress": ({ detail }) => detail.job === this.job && this.move(detail),
      "live:job.ended": ({ detail }) => detail.job === this.job && this.end(detail),
      "live:ready": () => this.renew(),
    };
    for (const [name, listener] of Object.entries(this.listeners)) document.addEventListener(name, listener);
  }

  disconnectedCallback() {
    for (const [name, listener] of Object.entries(this.listeners)) document.removeEventListener(name, listener);
  }

  move({ done, total, note }) {
    const bar = this.querySelector("progress");
    if (bar && total) {
      bar.max = total;
      bar.value = done;
    }
    this.say("[data-note]", note);
    this.say("[data-count]", total ? `${done} / ${total}` : "");
  }

  say(where, text) {
    const place = this.querySelector(where);
    if (place && text) place.textContent = text;
  }

  end({ state, error }) {
    this.setAttribute("state", state);
    if (error) this.say("[data-note]", error);
    this.querySelector("progress")?.remove();
    this.querySelector("form")?.remove();
    this.dispatchEvent(new CustomEvent("job:ended", { bubbles: true, detail: { job: this.job, state } }));
    this.renew();
  }

  renew() {
    const source = this.getAttribute("src");
    if (source) window.htmx?.ajax("GET", source, { target: this, swap: "outerHTML" });
  }
}

customElements.define("job-progress", JobProgress);
