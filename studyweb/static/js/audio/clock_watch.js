// Notices an audio clock that stands still although it should run: after a call, a lock screen or a lost device the
// context may go on saying "running".

export const STALL_MS = 1_000;

export class ClockWatch {
  constructor(limitMs = STALL_MS) {
    this.limitMs = limitMs;
    this.lastContextS = null;
    this.lastMovedMs = null;
  }

  /** Starts over, as when playback starts. */
  reset() {
    this.lastContextS = null;
    this.lastMovedMs = null;
  }

  /** One look at both clocks; true when the audio clock has stood still for longer than the limit. */
  isStalled(wallMs, contextS) {
    if (this.lastContextS === null || contextS > this.lastContextS) {
      this.lastContextS = contextS;
      this.lastMovedMs = wallMs;
      return false;
    }
    return wallMs - this.lastMovedMs >= this.limitMs;
  }
}
