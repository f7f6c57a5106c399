// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import dev.mcpmtls.cli.OneGateTest.WithoutTheTestKit;
import javax.net.ssl.SSLContext;

/** No module makes TLS contexts of its own, past the verifier and the audit log. */
@AnalyzeClasses(
        packages = "dev.mcpmtls",
        importOptions = {DoNotIncludeTests.class, WithoutTheTestKit.class})
class TlsContextsTest {

    @ArchTest
    static final ArchRule ONLY_TLS_TOUCHES_THE_JDKS = noClasses()
            .that()
            .resideOutsideOfPackage("dev.mcpmtls.tls..")
            .should()
            .dependOnClassesThat()
            .belongToAnyOf(SSLContext.class);

    @ArchTest
    static final ArchRule ONLY_TRANSPORT_NETTY_TOUCHES_NETTYS = noClasses()
            .that()
            .resideOutsideOfPackage("dev.mcpmtls.transport.netty..")
            .should()
            .dependOnClassesThat()
            .haveFullyQualifiedName("io.netty.handler.ssl.SslContext");
}
