// What TCP has done on one machine since it was switched on, by the names of
// RFC 4022 and of Linux's /proc/net/snmp and netstat. It counts and decides
// nothing.

export class TcpCounters {
  /** Connections that were begun from here, and from elsewhere. */
  activeOpens = 0;
  passiveOpens = 0;
  /** Handshakes that came to nothing. */
  attemptFails = 0;
  segmentsReceived = 0;
  /** By connections that are over; the others know it themselves. */
  retransmitted = 0;
  /** RSTs for which there is no connection. */
  resetsSent = 0;
  /** SYNs that found a backlog full, whether they were dropped or refused. */
  listenOverflows = 0;

  /** A connection is over. */
  ended(
    { established, retransmissions }: {
      established: boolean;
      retransmissions: number;
    },
  ): void {
    this.retransmitted += retransmissions;
    if (!established) this.attemptFails++;
  }
}
