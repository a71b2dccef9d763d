import { onMounted, onUnmounted, reactive } from "vue";

export const DealCard = {
  props: { id: Number, title: String },
  setup({ id, title }) {
    const deal = reactive({ title, stage: "New" });

    function update(command, params) {
      if (command === "deal_update" && params.id === id) Object.assign(deal, params.fields);
    }

    onMounted(() => BX.addCustomEvent("onPullEvent-crm", update));
    onUnmounted(() => BX.removeCustomEvent("onPullEvent-crm", update));
    return { deal };
  },
  template: "<article>{{ deal.title }}: <b>{{ deal.stage }}</b></article>",
};
