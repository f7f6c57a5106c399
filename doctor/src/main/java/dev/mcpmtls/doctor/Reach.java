// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.doctor;

import dev.mcpmtls.doctor.Check.Fault;
import dev.mcpmtls.doctor.Check.Step;
import dev.mcpmtls.identity.IpAddress;
import dev.mcpmtls.tls.probe.TlsProbe;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * From the addresses of a name to a connection with the first that answers.
 *
 * @param proxy which the environment names
 */
record Reach(Dial dial, Deadline deadline, Optional<String> proxy) {

    /** Connects and shakes hands. */
    @FunctionalInterface
    interface Dial {
        TlsProbe connect(InetSocketAddress address, Duration timeout) throws IOException;
    }

    /**
     * The result of connecting.
     *
     * @param probe which the caller closes; empty when no address answered
     */
    record Reached(Check check, Optional<TlsProbe> probe) {}

    /** Tries one after the other; each gets its share of the time, and leaves as much for what follows. */
    Reached first(List<InetSocketAddress> addresses) {
        List<String> failures = new ArrayList<>();
        boolean isSilent = false;
        for (InetSocketAddress address : addresses) {
            Duration share = deadline.left().dividedBy(addresses.size() - failures.size() + 1L);
            try {
                TlsProbe probe = dial.connect(address, share);
                return new Reached(connected(address, failures), Optional.of(probe));
            } catch (SocketTimeoutException e) {
                isSilent = true;
                failures.add(text(address) + ": no answer within " + Certificates.text(share));
            } catch (IOException e) {
                failures.add(text(address) + ": " + e.getMessage());
            }
        }
        String evidence = "no connection to " + String.join("; ", failures);
        return new Reached(isSilent ? silent(evidence) : refused(evidence), Optional.empty());
    }

    private Check silent(String evidence) {
        return Check.failed(
                Step.TCP,
                Fault.TIMED_OUT,
                evidence,
                "check the address, and the firewalls and the network in between" + hint());
    }

    private Check refused(String evidence) {
        return Check.failed(Step.TCP, evidence, "start the server, or correct host and port" + hint());
    }

    private Check connected(InetSocketAddress address, List<String> failures) {
        String connected = "connected to " + text(address);
        if (!failures.isEmpty()) {
            return Check.warning(
                    Step.TCP,
                    connected + ", but not to " + String.join("; ", failures),
                    "have the server listen on every address of the name, or take the others from the name:"
                            + " clients may try one only");
        }
        return proxy.map(named -> Check.warning(
                        Step.TCP,
                        connected + " directly, although the environment names the proxy " + named,
                        "nothing, if that works: a proxy that terminates TLS would break mutual TLS"))
                .orElseGet(() -> Check.ok(Step.TCP, connected));
    }

    private String hint() {
        return proxy.map(named -> "; only the proxy " + named + " may lead there, and we do not use it")
                .orElse("");
    }

    static String text(InetSocketAddress address) {
        String host = text(address.getAddress());
        return (host.contains(":") ? "[" + host + "]:" : host + ":") + address.getPort();
    }

    static String text(InetAddress address) {
        return new IpAddress(address).text();
    }
}
