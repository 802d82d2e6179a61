// SPDX-License-Identifier: Apache-2.0
// Starts the page, and the service worker that keeps its files for when there is no network.
import { createApp } from 'vue';
import App from './app.vue';
import './styles/theme.css';
import './styles/base.css';
import './styles/header.css';
import './styles/layout.css';
import './styles/parts.css';
import './styles/counter.css';
import './styles/verdict.css';
import './styles/desk.css';
import './styles/stacked-table.css';
import './styles/print.css';

createApp(App).mount('#app');

if ('serviceWorker' in navigator && import.meta.env.PROD) {
  // Without it the page works as long as there is a network: nothing to tell anybody.
  navigator.serviceWorker.register('/service-worker.js').catch(() => undefined);
}
