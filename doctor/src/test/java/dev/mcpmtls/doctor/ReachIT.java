// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.doctor.Check.Fault;
import dev.mcpmtls.doctor.Check.Status;
import dev.mcpmtls.tls.probe.TlsProbe;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ReachIT {

    private static final Deadline DEADLINE = Deadline.in(Duration.ofSeconds(6));

    private final Reach reach =
            new Reach((address, time) -> TlsProbe.connect(address, "localhost", time), DEADLINE, Optional.empty());

    @Test
    void theSecondAddressIsTriedWhenTheFirstRefuses() throws Exception {
        InetSocketAddress closed = closed();
        try (BrokenServer server = BrokenServer.plain("HTTP/1.1 400 Bad Request\r\n\r\n")) {
            InetSocketAddress open = new InetSocketAddress(InetAddress.getLoopbackAddress(), server.port());
            Reach.Reached reached = reach.first(List.of(closed, open));
            try (TlsProbe probe = reached.probe().orElseThrow()) {
                assertThat(probe.remote()).isEqualTo(open);
            }
            assertThat(reached.check().status()).isEqualTo(Status.WARNING);
            assertThat(reached.check().evidence())
                    .isEqualTo("connected to 127.0.0.1:" + server.port() + ", but not to " + Reach.text(closed)
                            + ": Connection refused");
        }
    }

    @Test
    void allAreNamedWhenAllRefuse() throws Exception {
        InetSocketAddress one = closed();
        InetSocketAddress other = closed();
        Reach.Reached reached = reach.first(List.of(one, other));
        assertThat(reached.probe()).isEmpty();
        assertThat(reached.check().status()).isEqualTo(Status.FAILED);
        assertThat(reached.check().evidence()).contains(Reach.text(one), Reach.text(other));
    }

    @Test
    void silentAddressesShareTheTime() throws Exception {
        List<Duration> shares = new ArrayList<>();
        Reach silent = new Reach((address, time) -> silence(shares, time), DEADLINE, Optional.empty());
        Reach.Reached reached = silent.first(List.of(closed(), closed()));
        assertThat(shares).hasSize(2).allSatisfy(share -> assertThat(share).isLessThanOrEqualTo(Duration.ofSeconds(3)));
        assertThat(reached.check().evidence()).contains("no answer within");
        assertThat(reached.check().remedy()).contains("firewalls");
        assertThat(reached.check().fault()).isEqualTo(Fault.TIMED_OUT);
    }

    private static TlsProbe silence(List<Duration> shares, Duration time) throws IOException {
        shares.add(time);
        throw new SocketTimeoutException("Connect timed out");
    }

    private static InetSocketAddress closed() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return new InetSocketAddress(socket.getInetAddress(), socket.getLocalPort());
        }
    }
}
