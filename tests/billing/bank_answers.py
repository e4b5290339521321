"""Messages as banks send them, cut down to what a test needs."""

XML = '<?xml version="1.0" encoding="UTF-8"?>'


def pain002(*transactions: str, group: str = "", parts: str = "", message: str = "B1", version: str = "03") -> bytes:
    group_status = f"<GrpSts>{group}</GrpSts><StsRsnInf><Rsn><Cd>FF01</Cd></Rsn></StsRsnInf>" if group else ""
    body = "".join(transactions)
    inner = (
        f"<OrgnlPmtInfAndSts><OrgnlPmtInfId>{message}-FRST</OrgnlPmtInfId>{body}</OrgnlPmtInfAndSts>" if body else ""
    )
    return (
        f'{XML}<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.{version}"><CstmrPmtStsRpt>'
        "<GrpHdr><MsgId>ANSWER-1</MsgId><CreDtTm>2026-12-23T08:00:00</CreDtTm></GrpHdr>"
        f"<OrgnlGrpInfAndSts><OrgnlMsgId>{message}</OrgnlMsgId><OrgnlMsgNmId>pain.008.001.02</OrgnlMsgNmId>"
        f"{group_status}</OrgnlGrpInfAndSts>{parts}{inner}</CstmrPmtStsRpt></Document>"
    ).encode()


def refused(end_to_end: str, code: str = "AM04", amount: str = "70.55", status: str = "RJCT") -> str:
    return (
        f"<TxInfAndSts><StsId>1</StsId><OrgnlEndToEndId>{end_to_end}</OrgnlEndToEndId><TxSts>{status}</TxSts>"
        f"<StsRsnInf><Rsn><Cd>{code}</Cd></Rsn></StsRsnInf>"
        f'<OrgnlTxRef><Amt><InstdAmt Ccy="EUR">{amount}</InstdAmt></Amt></OrgnlTxRef></TxInfAndSts>'
    )


def part(name: str, status: str = "RJCT") -> str:
    return (
        f"<OrgnlPmtInfAndSts><OrgnlPmtInfId>{name}</OrgnlPmtInfId><PmtInfSts>{status}</PmtInfSts>"
        "<StsRsnInf><Rsn><Cd>AM05</Cd></Rsn></StsRsnInf></OrgnlPmtInfAndSts>"
    )


def camt054(*details: str, root: str = "BkToCstmrDbtCdtNtfctn", inner: str = "Ntfctn") -> bytes:
    return (
        f'{XML}<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.054.001.02"><{root}>'
        f"<GrpHdr><MsgId>ADVICE-1</MsgId></GrpHdr><{inner}><Ntry><Amt Ccy='EUR'>78.05</Amt><CdtDbtInd>DBIT</CdtDbtInd>"
        f"<NtryDtls>{''.join(details)}</NtryDtls></Ntry></{inner}></{root}></Document>"
    ).encode()


def returned(end_to_end: str, code: str = "AM04", amount: str = "70.55") -> str:
    return (
        f"<TxDtls><Refs><EndToEndId>{end_to_end}</EndToEndId></Refs><AmtDtls><InstdAmt><Amt Ccy='EUR'>{amount}</Amt>"
        "</InstdAmt><TxAmt><Amt Ccy='EUR'>78.05</Amt></TxAmt></AmtDtls><Chrgs><Amt Ccy='EUR'>7.50</Amt></Chrgs>"
        f"<RtrInf><Rsn><Cd>{code}</Cd></Rsn></RtrInf></TxDtls>"
    )


CREDITED = "<TxDtls><Refs><EndToEndId>D9</EndToEndId></Refs><Amt Ccy='EUR'>70.55</Amt></TxDtls>"
XXE = (
    f'{XML}<!DOCTYPE x [<!ENTITY file SYSTEM "file:///etc/passwd">]><Document><CstmrPmtStsRpt><GrpHdr>'
    "<MsgId>&file;</MsgId></GrpHdr></CstmrPmtStsRpt></Document>"
).encode()
LAUGHS = "".join(f'<!ENTITY l{at} "{f"&l{at - 1};" * 10}">' for at in range(1, 10))
BILLION_LAUGHS = (
    f'{XML}<!DOCTYPE x [<!ENTITY l0 "lol">{LAUGHS}]><Document><CstmrPmtStsRpt>&l9;</CstmrPmtStsRpt></Document>'
).encode()
