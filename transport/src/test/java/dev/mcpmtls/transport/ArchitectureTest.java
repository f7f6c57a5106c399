// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;

/** Which of the transport's rooms may look at which. */
@AnalyzeClasses(packages = "dev.mcpmtls.transport", importOptions = DoNotIncludeTests.class)
class ArchitectureTest {

    @ArchTest
    static final ArchRule SERVER_AND_CLIENT_LOOK_AT_NETTY_AND_NOT_AT_EACH_OTHER = layeredArchitecture()
            .consideringOnlyDependenciesInLayers()
            .layer("netty")
            .definedBy("dev.mcpmtls.transport.netty..")
            .layer("server")
            .definedBy("dev.mcpmtls.transport.server..")
            .layer("client")
            .definedBy("dev.mcpmtls.transport.client..")
            .whereLayer("server")
            .mayNotBeAccessedByAnyLayer()
            .whereLayer("client")
            .mayNotBeAccessedByAnyLayer();

    @ArchTest
    static final ArchRule ONLY_NETTY_MAKES_TLS_CONTEXTS = noClasses()
            .that()
            .resideOutsideOfPackage("dev.mcpmtls.transport.netty..")
            .should()
            .dependOnClassesThat()
            .belongToAnyOf(SslContext.class, SslContextBuilder.class);

    @ArchTest
    static final ArchRule THE_PROTOCOL_KNOWS_NO_TRANSPORT = classes()
            .that()
            .resideInAPackage("dev.mcpmtls.transport.protocol..")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage("java..", "org.jspecify..", "dev.mcpmtls.transport.protocol..");

    @ArchTest
    static final ArchRule NO_CYCLES_BETWEEN_PACKAGES =
            slices().matching("dev.mcpmtls.transport.(**)").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule NO_LARGE_CYCLES_INSIDE_THE_SERVER =
            classes().that().resideInAPackage("dev.mcpmtls.transport.server..").should(new ClassCycles());
}
