BX.PULL.getDebugInfo();
