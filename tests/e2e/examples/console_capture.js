BX.PULL.capturePullEvent();
