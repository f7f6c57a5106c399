// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.testkit;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.UnaryOperator;

/**
 * Credentials with names for which their trust anchor may not vouch, each for a single reason. They are flawless otherwise.
 *
 * <p>The verifier has the trust domain {@code demo.local} and trusts {@code ours} without a binding, {@code partner} for {@link #PARTNER},
 * and {@code additional} without a binding. Its own certificate holds {@code localhost} and 127.0.0.1.
 */
public final class Misbound {

    /** The names to which the partner is bound. */
    public static final List<String> PARTNER = List.of(
            "spiffe://partner.example/agent/**",
            "dns:mtls.partner.example",
            "dns:*.apps.partner.example",
            "ip:198.51.100.0/24");

    private Misbound() {}

    /** The cases as clients. */
    public static List<Hostile> clients(ThrowawayCa ours, ThrowawayCa partner, ThrowawayCa additional) {
        return cases(ours, partner, additional, (ca, change) -> ca.client("mallory", change));
    }

    /** The cases as servers, which all have the name {@code localhost} besides. */
    public static List<Hostile> servers(ThrowawayCa ours, ThrowawayCa partner, ThrowawayCa additional) {
        return cases(
                ours,
                partner,
                additional,
                (ca, change) -> ca.server(
                        "mallory", spec -> change.apply(spec).dns("localhost").ip("127.0.0.1")));
    }

    private static List<Hostile> cases(
            ThrowawayCa ours,
            ThrowawayCa partner,
            ThrowawayCa additional,
            BiFunction<ThrowawayCa, UnaryOperator<CertificateSpec>, Issued> issuer) {
        List<Hostile> cases = new ArrayList<>();
        BiFunction<String, Issued, Hostile> hostile =
                (name, credential) -> new Hostile(name, "ISSUER_NOT_ALLOWED_FOR_NAME", credential);
        BiFunction<ThrowawayCa, String, Issued> withId =
                (ca, id) -> issuer.apply(ca, spec -> spec.withoutNames().uri(id));
        BiFunction<ThrowawayCa, String, Issued> withDns =
                (ca, dns) -> issuer.apply(ca, spec -> spec.withoutNames().dns(dns));

        cases.add(hostile.apply(
                "our authority for another trust domain", withId.apply(ours, "spiffe://other.example/agent/mallory")));
        cases.add(hostile.apply(
                "our authority for the partner's trust domain",
                withId.apply(ours, "spiffe://partner.example/agent/mallory")));
        cases.add(
                hostile.apply("our authority for the partner's DNS name", withDns.apply(ours, "mtls.partner.example")));
        cases.add(hostile.apply(
                "our authority's intermediate for another trust domain",
                withId.apply(ours.intermediate("Team CA"), "spiffe://other.example/agent/mallory")));
        cases.add(hostile.apply(
                "the partner for our SPIFFE ID", withId.apply(partner, "spiffe://demo.local/agent/coordinator")));
        cases.add(hostile.apply(
                "the partner's intermediate for our SPIFFE ID",
                withId.apply(partner.intermediate("Partner Team CA"), "spiffe://demo.local/agent/coordinator")));
        cases.add(hostile.apply(
                "the partner for our SPIFFE ID beside a DNS name of its own",
                issuer.apply(
                        partner,
                        spec -> spec.withoutNames()
                                .uri("spiffe://demo.local/agent/coordinator")
                                .dns("mtls.partner.example"))));
        cases.add(hostile.apply(
                "the partner for a path beyond its binding",
                withId.apply(partner, "spiffe://partner.example/server/mallory")));
        cases.add(hostile.apply(
                "the partner for a third trust domain", withId.apply(partner, "spiffe://other.example/agent/mallory")));
        cases.add(hostile.apply("the partner for our DNS name", withDns.apply(partner, "weather.demo.local")));
        cases.add(hostile.apply(
                "the partner for a DNS name two labels below its wildcard",
                withDns.apply(partner, "a.b.apps.partner.example")));
        cases.add(hostile.apply(
                "the partner for an address beyond its prefix",
                issuer.apply(partner, spec -> spec.withoutNames().ip("198.51.101.1"))));
        cases.add(hostile.apply("the partner for no name", issuer.apply(partner, CertificateSpec::withoutNames)));
        cases.add(hostile.apply(
                "an additional anchor for our SPIFFE ID",
                withId.apply(additional, "spiffe://demo.local/agent/coordinator")));
        cases.add(hostile.apply(
                "an additional anchor for a SPIFFE ID of the partner's",
                withId.apply(additional, "spiffe://partner.example/agent/mallory")));
        cases.add(hostile.apply(
                "an additional anchor for a name in our own certificate", withDns.apply(additional, "localhost")));
        cases.add(hostile.apply(
                "an additional anchor for a DNS name of the partner's",
                withDns.apply(additional, "x.apps.partner.example")));
        return cases;
    }
}
