const tasks = document.getElementById("tasks");

// One module: everything is in one object.
BX.addCustomEvent("onPull-tasks", function taskList({ command, params }) {
  if (command === "task_add") {
    const item = document.createElement("li");
    item.id = `task-${params.id}`;
    item.textContent = params.title;
    tasks.append(item);
  }
  if (command === "task_remove") document.getElementById(`task-${params.id}`)?.remove();
});

// All modules: the object names the module, too.
BX.addCustomEvent("onPull", function lastChange({ module_id, command }) {
  document.getElementById("last").textContent = `${module_id} ${command}`;
});
