// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli.cert;

import dev.mcpmtls.authority.Authority;
import dev.mcpmtls.authority.AuthorityException;
import dev.mcpmtls.authority.Grant;
import dev.mcpmtls.authority.Store;
import dev.mcpmtls.cli.console.Console.Style;
import dev.mcpmtls.cli.console.Table;
import dev.mcpmtls.cli.invocation.ExitCode;
import dev.mcpmtls.cli.invocation.Invocation;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/** Renews every credential of a store: one that fails does not hold up the others. */
final class Renewals {

    private final Invocation invocation;
    private final List<Map<String, Object>> renewed = new ArrayList<>();
    private final List<Left> failed = new ArrayList<>();
    private final List<Left> kept = new ArrayList<>();

    Renewals(Invocation invocation) {
        this.invocation = invocation;
    }

    /** Prints a line for each, and returns the exit code. */
    int renewAll(Authority authority, Store store, UnaryOperator<Grant> change) {
        for (String name : store.credentialNames()) {
            authority
                    .whyNotRenewable(name)
                    .ifPresentOrElse(
                            why -> tell("kept", Style.FAINT, kept, new Left(name, why)),
                            () -> renew(name, authority, change));
        }
        if (invocation.wantsJson()) {
            invocation.console().json(new Told(renewed, failed, kept));
        }
        return (failed.isEmpty() ? ExitCode.DONE : ExitCode.FAILED).number();
    }

    private void renew(String name, Authority authority, UnaryOperator<Grant> change) {
        try {
            CertificateView view =
                    CertificateView.sound(name, authority.renew(name, change).chain());
            renewed.add(view.asObject());
            print("renewed", Style.GOOD, name + " for " + view.identity() + ", " + view.left());
        } catch (AuthorityException.Refused | AuthorityException.StoreFailed e) {
            tell("failed", Style.BAD, failed, new Left(name, String.valueOf(e.getMessage())));
        }
    }

    private void tell(String word, Style style, List<Left> others, Left left) {
        others.add(left);
        print(word, style, left.name + ": " + left.why);
    }

    private void print(String word, Style style, String rest) {
        if (!invocation.wantsJson()) {
            Table line = new Table();
            line.row(new Table.Cell(word, style), rest);
            line.printTo(invocation.console());
        }
    }

    // The output of --json, in this order.
    private record Told(List<Map<String, Object>> renewed, List<Left> failed, List<Left> kept) {}

    private record Left(String name, String why) {}
}
