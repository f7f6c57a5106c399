// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.gateway;

import dev.mcpmtls.audit.ConnectionFacts;
import dev.mcpmtls.identity.Chain;
import dev.mcpmtls.testkit.ThrowawayCa;
import dev.mcpmtls.transport.server.caller.Caller;
import dev.mcpmtls.trust.ChainVerifier;
import dev.mcpmtls.trust.TrustAnchors;
import dev.mcpmtls.trust.TrustPolicy;
import dev.mcpmtls.trust.Verdict;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/** Callers without a connection. */
public final class Callers {

    private Callers() {}

    /** A caller that was accepted as {@code spiffe://demo.local/agent/<name>}. */
    public static Caller named(String name) {
        ThrowawayCa ca = ThrowawayCa.root("Root");
        ChainVerifier verifier = new ChainVerifier(
                TrustPolicy.strict(new TrustAnchors(List.of(ca.certificate()))), InstantSource.system());
        Chain chain = new Chain(ca.client(name).chain());
        return new Caller(
                ((Verdict.Accepted) verifier.verifyClient(chain)).peer(),
                new ConnectionFacts(
                        "0123456789abcdef",
                        ConnectionFacts.Side.SERVER,
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 1024),
                        Optional.empty()));
    }
}
