// batch.js - documents that are signed together: goes on by itself. Without it a button does.

const form = document.querySelector("[data-next]");
if (form) {
  form.hidden = true;
  const again = async () => {
    const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)) })
      .catch(() => null);
    if (!answer?.ok) { form.hidden = false; return; } // what is wrong is told when the button is pressed
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const part of [".work progress", ".work [role=status]", "table.list tbody"]) {
      const now = page.querySelector(part);
      if (now) document.querySelector(part)?.replaceWith(now);
    }
    if (page.querySelector("[data-next]")) void again();
    else location.reload();
  };
  void again();
}
