-- Which database server a record is about: the name that the agent's configuration gives it, else its address, else what names the instance.
multiIf(
    ResourceAttributes['hookline.db.name'] != '', ResourceAttributes['hookline.db.name'],
    ResourceAttributes['server.address'] != '', concat(ResourceAttributes['server.address'], ':', ResourceAttributes['server.port']),
    ResourceAttributes['service.instance.id'])
