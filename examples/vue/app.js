import { createApp, ref } from "vue";
import { DealCard } from "./DealCard.js";

createApp({
  components: { DealCard },
  setup: () => ({ shown: ref(true) }),
  template: `
    <button type="button" @click="shown = !shown">{{ shown ? "Close" : "Open" }}</button>
    <template v-if="shown">
      <DealCard :id="5" title="Chairs" />
      <DealCard :id="6" title="Tables" />
    </template>`,
}).mount("#app");
